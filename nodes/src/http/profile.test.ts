import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Profile } from '../profile/profiles.ts'
import { SwitchError } from '../profile/switch.ts'
import { testApi, type TestApi } from './testing/test-api.ts'

const PATH = '/admin/v1/profile'

let api: TestApi
let asked: Profile[]
let failure: Error | undefined
beforeEach(async () => {
  asked = []
  failure = undefined
  api = await testApi({
    isServed: () => false,
    switchTo: async (profile) => {
      asked.push(profile)
      if (failure) throw failure
    },
  })
})
afterEach(() => api.stop())

const put = (payload: object, headers: Record<string, string> = api.admin) =>
  api.ask({ method: 'PUT', url: PATH, payload, headers: { 'content-type': 'application/json', ...headers } })

describe('the profile over HTTP', () => {
  it('is told with its budgets and what is used of them', async () => {
    expect(await api.get(PATH, api.admin)).toMatchObject({
      status: 200,
      body: { profile: 'full', budgets: { download: { limit: 65_536 }, notForwarded: { ephemeral: 1 } } },
    })
  })

  it('is changed by who has the token', async () => {
    expect((await put({ profile: 'edge' })).status).toBe(200)
    expect(asked).toEqual(['edge'])
  })
})

describe('when it must refuse', () => {
  it.each([{}, { profile: 'other' }, { profile: 'edge', budgets: {} }, []])(
    '%j, answers 400',
    async (body) => {
      expect(await put(body)).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } })
      expect(asked).toEqual([])
    },
  )

  it('who has no token, answers 401', async () => {
    expect((await put({ profile: 'edge' }, {})).status).toBe(401)
    expect(asked).toEqual([])
  })

  it.each([
    new SwitchError('the database is away', { code: 'PART_FAILED', part: 'archive', profile: 'full' }),
    new SwitchError('stopping', { code: 'STOPPING' }),
  ])('a change that could not be made, answers 503: $code', async (error) => {
    failure = error
    expect(await put({ profile: 'full' })).toMatchObject({ status: 503, body: { code: error.code } })
  })

  it('a store query in a profile without an archive, answers 501', async () => {
    expect(await api.get('/store/v3/messages')).toMatchObject({ status: 501, body: { code: 'NOT_SERVED' } })
  })
})
