import type { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Listener } from '@libp2p/interface'

/** What a WebSocket listener of the library has inside. */
interface WebSocketListener {
  /** Emits `connection` for every socket. */
  readonly server: EventEmitter
  /** Emits `headers` when a socket has become a WebSocket, whatever the server of http or https. */
  readonly wsServer: EventEmitter
}

/**
 * A service of the host: drops sockets that have not become a WebSocket after `ms`. The library waits for ever, uncounted, and each
 * holds a file descriptor. It looks into the library's listeners; one that has other insides is left as it is.
 */
export function silentSockets(ms: number) {
  return ({ transportManager }: { transportManager: { getListeners(): Listener[] } }) => ({
    start: () => undefined,
    stop: () => undefined,
    afterStart() {
      for (const listener of transportManager.getListeners()) if (isWebSocket(listener)) guard(listener, ms)
    },
  })
}

function isWebSocket(listener: object): listener is WebSocketListener {
  return 'wsServer' in listener && 'server' in listener
}

function guard({ server, wsServer }: WebSocketListener, ms: number): void {
  const timers = new Map<string, NodeJS.Timeout>()
  // Under TLS a request has a socket of its own, over the same connection.
  const nameOf = ({ remoteAddress = '', remotePort = 0 }: Socket) => `${remoteAddress} ${remotePort}`
  const settle = (name: string) => {
    clearTimeout(timers.get(name))
    timers.delete(name)
  }
  server.on('connection', (socket: Socket) => {
    const name = nameOf(socket)
    timers.set(
      name,
      setTimeout(() => socket.destroy(), ms),
    )
    socket.once('close', () => settle(name))
  })
  wsServer.on('headers', (_headers: string[], { socket }: IncomingMessage) => settle(nameOf(socket)))
}
