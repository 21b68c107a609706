import { createServer } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import { PROTOCOLS, request } from '@teahouse/protocol/wire'
import { afterEach, describe, expect, it } from 'vitest'
import type { Net } from './host.ts'
import { startHost } from './host.ts'
import { serve, ServeConfig } from './serve.ts'
import { SILENT, testHost, until } from './test-hosts.ts'

const started: Net[] = []
const RELAY = { nat: { relay: { enabled: true, maxReservations: 1, maxConnectionBytes: 100_000 } } }
const protocol = PROTOCOLS.metadata

async function newHost(...args: Parameters<typeof testHost>): Promise<Net> {
  const net = await testHost(...args)
  await startHost(net)
  started.push(net)
  return net
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** A host that nobody can dial but over the relay, and that answers with what it is asked. */
async function hiddenHost(relay: Net): Promise<Net> {
  const over = `${String(relay.getMultiaddrs()[0])}/p2p-circuit`
  const hidden = await newHost([over], { nat: { holePunching: false, relayCheckMs: 200 } })
  const echo = { ...ServeConfig.parse({}), protocol, maxRequestBytes: 200_000 }
  const answer = (bytes: Uint8Array) => Promise.resolve(bytes)
  await serve(hidden, SILENT, { ...echo, answer, refuse: () => Uint8Array.of() }).start()
  return hidden
}

async function askOver(relay: Net, hidden: Net, bytes: Uint8Array): Promise<Uint8Array> {
  const guest = await newHost([])
  const address = multiaddr(`${String(relay.getMultiaddrs()[0])}/p2p-circuit/p2p/${hidden.peerId.toString()}`)
  const stream = await guest.dialProtocol(address, protocol, { runOnLimitedConnection: true })
  return request(stream, bytes, { maxBytes: 200_000, timeoutMs: 10_000 })
}

afterEach(async () => {
  await Promise.all(started.splice(0).map(async (net) => net.stop()))
})

describe('a node behind a NAT', () => {
  it('is asked over a relay, also after the relay was away', async () => {
    const relay = await newHost([`/ip4/127.0.0.1/tcp/${await freePort()}`], RELAY)
    const hidden = await hiddenHost(relay)
    await until(() => hidden.getMultiaddrs().length > 0)
    expect(await askOver(relay, hidden, Uint8Array.of(1, 2))).toEqual(Uint8Array.of(1, 2))

    await relay.stop()
    await until(() => hidden.getMultiaddrs().length === 0)
    await relay.start()
    await until(() => hidden.getMultiaddrs().length > 0)
    expect(await askOver(relay, hidden, Uint8Array.of(3))).toEqual(Uint8Array.of(3))
  })
})

describe('when it must refuse', () => {
  it('a relay cuts a connection that carries more than it allows, and keeps no more places than it has', async () => {
    const relay = await newHost(undefined, RELAY)
    const hidden = await hiddenHost(relay)
    await until(() => hidden.getMultiaddrs().length > 0)
    await expect(askOver(relay, hidden, new Uint8Array(150_000))).rejects.toThrow()
    const second = await hiddenHost(relay)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(second.getMultiaddrs()).toEqual([])
    expect(second.status).toBe('started')
  })

  it('a host relays for nobody unless told to', async () => {
    const net = await newHost()
    const hidden = await hiddenHost(net)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(hidden.getMultiaddrs()).toEqual([])
  })
})
