// The light client of light.bench.ts, in a process of its own so that every socket it opens is known. Talks to its parent by messages.
import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { accountFromPhrase } from '@teahouse/client'
import { nodeClient } from '@teahouse/client/node'
import { talk } from '../../../examples/bot/bot.ts'
import type { LightOrder, LightReport, SocketBytes } from './light-run.ts'

const sockets: { readonly socket: Socket; port: number }[] = []
// What a socket's other end is called is gone when it closes, its bytes are not.
subscribe('net.client.socket', (message) => {
  const { socket } = message as { socket: Socket }
  const entry = { socket, port: 0 }
  sockets.push(entry)
  socket.once('connect', () => (entry.port = socket.remotePort ?? 0))
})

/** Bytes in and out of all sockets so far: to the chain's endpoint, and to nodes. */
function bytes(rpcPort: number): SocketBytes {
  const sum = { nodes: 0, chain: 0, sockets: sockets.length }
  for (const { socket, port } of sockets)
    sum[port === rpcPort ? 'chain' : 'nodes'] += socket.bytesRead + socket.bytesWritten
  return sum
}

const report = (what: LightReport) => process.send!(what)

async function run({ network, phrase, dir, slots }: LightOrder): Promise<void> {
  const stopping = new AbortController()
  const { signal } = stopping
  const account = accountFromPhrase(phrase)
  const client = await nodeClient({ network, account, dir, light: {}, signal })
  await client.membership.join({ rateLimit: 60 })
  const chat = await client.chat({ name: 'Light' })
  await chat.start()
  await chat.publish()
  const rpcPort = Number(new URL(network.rpcUrl!).port)
  process.on('message', (asked) => {
    if (asked === 'bytes') report({ bytes: bytes(rpcPort) })
    else if (asked === 'rest') client.proving.keepReady(slots)
  })
  process.once('disconnect', () => stopping.abort())
  report({ card: chat.card })
  await talk(chat, { signal, log: () => undefined })
}

process.once('message', (order) => void run(order as LightOrder))
