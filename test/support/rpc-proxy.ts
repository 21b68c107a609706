import { createServer, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { freePorts } from '../../scripts/start/free-ports.ts'

/** An RPC endpoint in front of another, which can change what that one says, and can be shut. */
export interface RpcProxy {
  /** With a path that must not be told. */
  readonly url: string
  readonly host: string
  /** Whether a request goes on; else its connection is cut. */
  pass: ((method: string, params: unknown) => boolean) | undefined
  alter: ((method: string, result: unknown) => unknown) | undefined
  shut(): Promise<void>
  open(): Promise<void>
}

/** Opens a proxy to the JSON-RPC server at `target`. */
export async function newRpcProxy(target: string): Promise<RpcProxy> {
  const [port] = await freePorts(1)
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    answer(request).then(
      (body) => response.end(body),
      () => response.destroy(),
    )
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })

  async function answer(request: IncomingMessage): Promise<string> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    const { method, params } = JSON.parse(body) as { method: string; params: unknown }
    if (proxy.pass && !proxy.pass(method, params)) throw new Error('cut')
    const headers = { 'content-type': 'application/json' }
    const given = await fetch(target, { method: 'POST', headers, body })
    const envelope = (await given.json()) as { result?: unknown }
    if (proxy.alter && 'result' in envelope) envelope.result = proxy.alter(method, envelope.result)
    return JSON.stringify(envelope)
  }

  const host = `127.0.0.1:${port}`
  const proxy: RpcProxy = {
    url: `http://${host}/v3/secret-key`,
    host,
    pass: undefined,
    alter: undefined,
    shut() {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
    open: () => new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve())),
  }
  await proxy.open()
  return proxy
}
