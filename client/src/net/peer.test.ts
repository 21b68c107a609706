import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { readFrame, writeFrame } from '@teahouse/protocol/wire'
import { createLibp2p, type Libp2p } from 'libp2p'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPeer, type Endpoint, type Peer } from './peer.ts'

const ECHO = '/teahouse/test/echo/1'
const QUESTION = Uint8Array.from([1, 2, 3])
/** The road to the host lets nothing through for so long, from when it is taken. */
const CLOSED_MS = 600

let host: Libp2p
let road: Server
let taken: number
let peer: Peer
let endpoint: Endpoint
const sockets = new Set<Socket>()

beforeEach(async () => {
  taken = 0
  host = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), ping: ping() },
  })
  await host.handle(ECHO, async (stream) => {
    await writeFrame(stream, await readFrame(stream, { maxBytes: 100 }))
    await stream.close()
  })
  const [address] = host.getMultiaddrs()
  const port = Number(address!.getComponents().find(({ name }) => name === 'tcp')!.value)
  road = createServer((near) => {
    taken++
    const far = connect(port, '127.0.0.1')
    for (const socket of [near, far]) sockets.add(socket.on('error', () => undefined))
    setTimeout(() => near.pipe(far).pipe(near), CLOSED_MS)
  })
  await new Promise<void>((resolve) => road.listen(0, '127.0.0.1', resolve))
  const { port: entry } = road.address() as AddressInfo
  endpoint = { peerId: host.peerId.toString(), multiaddrs: [`/ip4/127.0.0.1/tcp/${entry}`] }
  peer = createPeer({ transports: [tcp()] })
})
afterEach(async () => {
  await Promise.all([peer.stop(), host.stop()])
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => road.close(resolve))
})

describe('a node that takes long to reach', () => {
  const ask = (timeoutMs: number) => peer.request(endpoint, ECHO, QUESTION, { timeoutMs })

  it('is waited for no longer than asked, and the next request finds the connection', async () => {
    await expect(ask(CLOSED_MS / 3)).rejects.toMatchObject({ code: 'UNREACHABLE' })
    expect(await ask(10_000)).toEqual(QUESTION)
    expect(taken).toBe(1)
  })

  it('is reached once for all who ask meanwhile', async () => {
    expect(await Promise.all([ask(10_000), ask(10_000)])).toEqual([QUESTION, QUESTION])
    await sleep(CLOSED_MS)
    expect(await ask(10_000)).toEqual(QUESTION)
    expect(taken).toBe(1)
  })
})
