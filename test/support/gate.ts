import { connect, createServer, type Socket } from 'node:net'
import { freePorts } from '../../scripts/start/free-ports.ts'

/** A way to a server that can be shut: then connections are dropped and new ones refused. */
export interface Gate {
  readonly url: string
  shut(): Promise<void>
  open(): Promise<void>
}

/** Opens a gate to the HTTP server at `target`. */
export async function newGate(target: string): Promise<Gate> {
  const { hostname, port } = new URL(target)
  const [own] = await freePorts(1)
  const sockets = new Set<Socket>()
  const server = createServer((inside) => {
    const outside = connect(Number(port), hostname)
    for (const [socket, other] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  })
  const gate: Gate = {
    url: `http://127.0.0.1:${own}`,
    shut() {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
    open: () => new Promise((resolve) => server.listen(own, '127.0.0.1', () => resolve())),
  }
  await gate.open()
  return gate
}
