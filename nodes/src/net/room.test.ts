import { multiaddr } from '@multiformats/multiaddr'
import { PROTOCOLS } from '@teahouse/protocol/wire'
import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { addressGroup } from './address-group.ts'
import type { Net } from './host.ts'
import { startHost } from './host.ts'
import { leastUseful } from './room.ts'
import { serve, ServeConfig } from './serve.ts'
import { ask, SILENT, testHost, until } from './test-hosts.ts'

const place = (group: string, openedAt: number, usedAt?: number) => ({ group, openedAt, usedAt })

describe('leastUseful', () => {
  it('takes from the largest group, though others are older', () => {
    const places = [place('a', 1), place('b', 2), place('b', 3)]
    expect(leastUseful(places)).toEqual(place('b', 2))
  })

  it('takes the oldest that never was of use before any that was', () => {
    const places = [place('a', 1, 10), place('a', 5), place('a', 4), place('a', 2, 3)]
    expect(leastUseful(places)).toEqual(place('a', 4))
    expect(leastUseful(places.filter(({ usedAt }) => usedAt))).toEqual(place('a', 2, 3))
  })

  it('knows none among none', () => {
    expect(leastUseful([])).toBeUndefined()
  })
})

describe('addressGroup', () => {
  it.each([
    { one: '/ip4/10.1.2.3/tcp/1', other: '/ip4/10.1.2.77/udp/2/webrtc-direct', same: true },
    { one: '/ip4/10.1.2.3/tcp/1', other: '/ip4/10.1.3.3/tcp/1', same: false },
    { one: '/ip6/2001:db8:1:ff::1/tcp/1', other: '/ip6/2001:db8:1:aa::2/tcp/1', same: true },
    { one: '/ip6/2001:db8:1::1/tcp/1', other: '/ip6/2001:db8:2::1/tcp/1', same: false },
    { one: '/unix/%2Ftmp%2Fx', other: '/memory/1', same: true },
  ])('$one and $other: $same', ({ one, other, same }) => {
    expect(addressGroup(multiaddr(one)) === addressGroup(multiaddr(other))).toBe(same)
  })
})

describe('the room of a host', () => {
  const started: Net[] = []
  const newHost = async (...args: Parameters<typeof testHost>) => {
    const net = await testHost(...args)
    await startHost(net)
    started.push(net)
    return net
  }
  afterEach(async () => {
    await Promise.all(started.splice(0).map(async (net) => net.stop()))
  })

  it('closes idle connections for newcomers, not useful ones, kept ones or its own; one log line tells it', async () => {
    const lines: string[] = []
    const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
    const net = await newHost(undefined, { maxConnections: 4 }, undefined, log)
    const protocol = PROTOCOLS.metadata
    const echo = { ...ServeConfig.parse({}), protocol, maxRequestBytes: 10 }
    const answer = (request: Uint8Array) => Promise.resolve(request)
    await serve(net, SILENT, { ...echo, answer, refuse: () => Uint8Array.of() }).start()

    const [useful, kept, called] = await Promise.all([newHost(), newHost([]), newHost()])
    await ask(useful, net, protocol, Uint8Array.of(1))
    net.services.room.keep((peerId) => peerId === kept.peerId.toString())
    await kept.dial(net.getMultiaddrs())
    await net.dial(called.getMultiaddrs())
    const idle = []
    for (let at = 0; at < 4; at++) {
      idle.push(await newHost([]))
      await idle.at(-1).dial(net.getMultiaddrs())
    }
    await until(() => net.services.room.closed === 3 && net.getConnections().length === 4)
    const stay = [useful, kept, called, idle.at(-1)].map(({ peerId }) => peerId.toString())
    expect(net.getPeers().map(String).sort()).toEqual(stay.sort())
    expect(lines.filter((line) => line.includes('make room'))).toHaveLength(1)
  })

  it('lets 40 people of one address in within a second', async () => {
    const net = await newHost()
    const guests = await Promise.all(Array.from({ length: 20 }, () => newHost([])))
    const dials = guests.flatMap((guest) => [
      guest.dial(net.getMultiaddrs()),
      guest.dial(net.getMultiaddrs(), { force: true }),
    ])
    expect((await Promise.allSettled(dials)).filter(({ status }) => status === 'rejected')).toEqual([])
  })
})
