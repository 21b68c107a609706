import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ForgetError, type ForgetDesk } from '../forget/index.ts'
import { testApi, type TestApi } from './testing/test-api.ts'

const hashOf = (at: number) => new Uint8Array(32).fill(at)
const textOf = (at: number) => `0x${at.toString(16).padStart(2, '0').repeat(32)}`
/** More than a page, the newest first. */
const ENTRIES = Array.from({ length: 120 }, (_, at) => ({
  ...{ hash: hashOf(120 - at), at: 120 - at, by: 'operator', had: at % 2 === 0 },
}))

let api: TestApi
let failure: Error | undefined
const forgotten: Uint8Array[] = []

const desk: Pick<ForgetDesk, 'forget' | 'list'> = {
  async forget(hash) {
    if (failure) throw failure
    forgotten.push(hash)
    return { had: true, again: false }
  },
  list(limit, before) {
    const start = before ? ENTRIES.findIndex(({ hash }) => hash[0] === before[0]) + 1 : 0
    return ENTRIES.slice(start, start + limit)
  },
}

beforeAll(async () => void (api = await testApi({ forget: desk })))
afterAll(() => api.stop())
beforeEach(() => {
  failure = undefined
  forgotten.length = 0
})

const forget = (messageHash: string, headers = api.admin) =>
  api.post('/admin/v1/forgotten', { messageHash }, headers)

describe('what is forgotten, over HTTP', () => {
  it('is listed for everybody who may read, a page at a time', async () => {
    const first = await api.get('/store/v1/forgotten')
    expect(first).toMatchObject({ status: 200, body: { paginationCursor: textOf(21) } })
    const { forgotten: page } = first.body as { forgotten: { messageHash: string }[] }
    expect([page.length, page[0]]).toEqual([
      100,
      { messageHash: textOf(120), at: 120, by: 'operator', had: true },
    ])
    const rest = (await api.get(`/store/v1/forgotten?cursor=${textOf(21)}`)).body
    expect((rest as { forgotten: unknown[] }).forgotten).toHaveLength(20)
    expect(rest).not.toHaveProperty('paginationCursor')
  })

  it('is forgotten by the operator', async () => {
    expect(await forget(textOf(7))).toMatchObject({ status: 200, body: { had: true, again: false } })
    expect(forgotten).toEqual([hashOf(7)])
  })
})

describe('when it must refuse', () => {
  it('forgets nothing for others, and nothing that is no hash', async () => {
    expect((await api.post('/admin/v1/forgotten', { messageHash: textOf(7) })).status).toBe(401)
    expect((await forget('0x12')).status).toBe(400)
    expect((await api.get('/store/v1/forgotten?cursor=tea')).status).toBe(400)
    expect(forgotten).toEqual([])
  })

  it('says that an hour is still open, or that the archive is away', async () => {
    failure = new ForgetError('not yet', { code: 'HOUR_OPEN', from: 5 })
    expect(await forget(textOf(7))).toMatchObject({ status: 409, body: { code: 'HOUR_OPEN' } })
    failure = new ForgetError('what?', { code: 'NOT_HERE' })
    expect(await forget(textOf(7))).toMatchObject({ status: 404, body: { code: 'NOT_HERE' } })
    failure = new Error('no disk')
    expect(await forget(textOf(7))).toMatchObject({ status: 503 })
  })
})
