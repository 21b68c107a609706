import { describe, expect, it } from 'vitest'
import { wayOut } from './way-out.ts'

const TOPIC = '/waku/2/rs/1984/3'
const MESSAGE = { payload: Uint8Array.of(1), contentTopic: '/a/1/b/c' }

/** Gossip with so many peers, or none at all, and so many nodes to lean on. */
function join(gossips: number | undefined, upstreams: number, keeps = false) {
  const wanted: string[] = []
  const way = wayOut({
    gossip: {
      isRunning: () => gossips !== undefined,
      peers: () => gossips ?? 0,
      publish: async () => ({ peers: gossips ?? 0, seen: false }),
    },
    edge: {
      peers: () => upstreams,
      publish: async () => ({ peers: 100 + upstreams, seen: false }),
      want: async (_topic, contentTopics) => void wanted.push(...contentTopics),
    },
    keeps: () => keeps,
  })
  return { way, wanted }
}

describe('the way out', () => {
  it.each([
    { given: 'gossip', gossips: 3, upstreams: 0, peers: 3, published: 3 },
    { given: 'an edge node', gossips: undefined, upstreams: 2, peers: 2, published: 102 },
    {
      given: 'gossip that has just started, beside an edge',
      gossips: 0,
      upstreams: 2,
      peers: 2,
      published: 102,
    },
    { given: 'both', gossips: 1, upstreams: 2, peers: 1, published: 1 },
  ])('with $given', async ({ gossips, upstreams, peers, published }) => {
    const { way } = join(gossips, upstreams)
    expect(way.peers(TOPIC)).toBe(peers)
    expect((await way.publish(TOPIC, MESSAGE)).peers).toBe(published)
  })

  it('asks for messages only where none come by gossip', async () => {
    const gossip = join(3, 2)
    await gossip.way.want(TOPIC, ['/a/1/b/c'])
    const edge = join(undefined, 2)
    await edge.way.want(TOPIC, ['/a/1/b/c'])
    expect([gossip.wanted, edge.wanted]).toEqual([[], ['/a/1/b/c']])
  })

  it('refuses with 505 what nobody took, unless it is kept here', async () => {
    await expect(join(0, 0).way.publish(TOPIC, MESSAGE)).rejects.toMatchObject({ detail: { status: 505 } })
    expect(await join(0, 0, true).way.publish(TOPIC, MESSAGE)).toEqual({ peers: 0, seen: false })
  })
})
