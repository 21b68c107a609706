import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Net } from '../net/index.ts'
import { testHost, until } from '../net/test-hosts.ts'
import { testApi, type TestApi } from './testing/test-api.ts'

let api: TestApi
let other: Net
beforeEach(async () => {
  api = await testApi()
  other = await testHost()
  await api.net.start()
  await other.start()
})
afterEach(async () => {
  await other.stop()
  await api.stop()
})

const address = () => other.getMultiaddrs()[0]!.toString()
const id = () => other.peerId.toString()
const get = (path: string) => api.get(`/admin/v1/${path}`, api.admin)
const post = (path: string, body: object) => api.post(`/admin/v1/${path}`, body, api.admin)
const remove = (path: string) => api.delete(`/admin/v1/${path}`, undefined, api.admin)

describe('an operator', () => {
  it('connects with a peer, sees it, and disconnects', async () => {
    expect((await get('peers/connected')).body).toEqual([])
    expect(await post('peers', [address()])).toMatchObject({ status: 200, body: 'OK' })
    const seen = {
      multiaddr: address(),
      connected: 'Connected',
      origin: 'outbound',
      knownFrom: ['bootstrap'],
    }
    await until(() => api.net.services.pubsub.getPeers().length > 0)
    expect((await get('peers')).body).toMatchObject([seen])
    expect((await get('peers/connected')).body).toMatchObject([seen])
    expect((await get(`peer/${id()}`)).body).toMatchObject(seen)
    expect((await get('peers/relay')).body).toHaveLength(8)
    expect((await get('peers/mesh')).body).toMatchObject([
      { shard: 0, peers: [] },
      ...Array(7).fill({ peers: [] }),
    ])

    expect((await remove(`peer/${id()}`)).status).toBe(200)
    expect(api.net.getConnections()).toEqual([])
    expect(await remove(`peer/${id()}`)).toMatchObject({ status: 404, body: { code: 'PEER_NOT_CONNECTED' } })
    expect((await get(`peer/${id()}`)).body).toMatchObject({ connected: 'NotConnected', origin: 'unknown' })
  })

  it('tells who relays which shard', async () => {
    await post('peers', [address()])
    other.services.pubsub.subscribe('/waku/2/rs/1984/3')
    await until(() => api.net.services.pubsub.getSubscribers('/waku/2/rs/1984/3').length > 0)
    const shards = (await get('peers/relay')).body as { shard: number; peers: { shards: number[] }[] }[]
    expect(shards[3]).toMatchObject({ shard: 3, peers: [{ multiaddr: address(), shards: [3] }] })
    expect(shards[2]!.peers).toEqual([])
  })

  it('bans a peer, which disconnects it, and lets it in again', async () => {
    await post('peers', [address()])
    expect((await post('bans', { peerId: id(), seconds: 60 })).status).toBe(200)
    expect(api.net.getConnections()).toEqual([])
    expect((await get('bans')).body).toMatchObject([{ peerId: id(), until: expect.any(String) }])
    expect((await remove(`bans/${id()}`)).status).toBe(200)
    expect((await get('bans')).body).toEqual([])
    expect(await remove(`bans/${id()}`)).toMatchObject({ status: 404, body: { code: 'NOT_BANNED' } })
  })

  it.each([
    ['DEBUG', 'debug'],
    ['notice', 'info'],
    ['Fatal', 'fatal'],
  ])('sets the log to %s', async (asked, level) => {
    expect((await post(`log-level/${asked}`, {})).status).toBe(200)
    expect(api.levels).toEqual([level])
  })
})

describe('when it must refuse', () => {
  it.each([
    { given: 'no list', body: {} },
    { given: 'an empty list', body: [] },
    { given: 'no address', body: ['nowhere'] },
    { given: 'an address without a peer id', body: ['/ip4/127.0.0.1/tcp/1'] },
    { given: 'a peer id that is none', body: ['/ip4/127.0.0.1/tcp/1/p2p/x'] },
    { given: 'too many', body: Array.from({ length: 17 }, () => '/ip4/127.0.0.1/tcp/1') },
  ])('to connect with $given, answers 400', async ({ body }) => {
    expect(await post('peers', body)).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } })
  })

  it('a peer that does not answer, it says which', async () => {
    const gone = address()
    await other.stop()
    const answer = await post('peers', [gone])
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'PEER_UNREACHABLE', message: expect.stringContaining('index 0') },
    })
  })

  it.each(['x', '16U', '%00', '..'])('the peer id %s', async (text) => {
    for (const answer of [
      await get(`peer/${text}`),
      await remove(`peer/${text}`),
      await remove(`bans/${text}`),
    ])
      expect([400, 404]).toContain(answer.status)
    expect(await post('bans', { peerId: text })).toMatchObject({ status: 400 })
    expect((await get('bans')).body).toEqual([])
  })

  it('to ban the node itself, or for no time', async () => {
    expect((await post('bans', { peerId: api.net.peerId.toString() })).status).toBe(400)
    expect((await post('bans', { peerId: id(), seconds: 0 })).status).toBe(400)
  })

  it('a log level that there is not', async () => {
    expect((await post('log-level/loud', {})).status).toBe(400)
    expect(api.levels).toEqual([])
  })
})
