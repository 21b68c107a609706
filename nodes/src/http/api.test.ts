import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { createApi, type Api } from './api.ts'
import { healthOf, type NodeHealth } from './info.ts'

const log = pino({ level: 'silent' })
const LOOPBACK = { host: '127.0.0.1', port: 0 }
let api: Api | undefined

afterEach(() => api?.stop())

async function serve(
  health: NodeHealth = { status: 'ok', problems: [] },
  info: () => Promise<unknown> = async () => ({}),
) {
  api = createApi(LOOPBACK, { health: () => health, info: info as never, log })
  await api.start()
  return async (path: string) => {
    const answer = await fetch(`${api!.url}${path}`)
    return { status: answer.status, body: (await answer.json()) as unknown }
  }
}

describe('createApi', () => {
  it.each([
    { status: 'ok', code: 200 },
    { status: 'degraded', code: 200 },
    { status: 'down', code: 503 },
  ] as const)('answers /health with $code when $status', async ({ status, code }) => {
    const get = await serve({ status, problems: [] })
    expect(await get('/health')).toEqual({ status: code, body: { status, problems: [] } })
  })

  it('answers /info with amounts as decimal strings', async () => {
    const get = await serve(undefined, async () => ({ pending: 2n ** 100n }))
    expect((await get('/info')).body).toEqual({ pending: `${2n ** 100n}` })
  })

  it('answers 404 elsewhere and 500 without details after a fault', async () => {
    const get = await serve(undefined, async () => {
      throw new Error('a secret')
    })
    expect(await get('/nowhere')).toMatchObject({ status: 404 })
    expect(await get('/info')).toEqual({ status: 500, body: { code: 'INTERNAL' } })
  })

  it('says which port is taken', async () => {
    await serve()
    const port = Number(new URL(api!.url).port)
    const second = createApi(
      { ...LOOPBACK, port },
      { health: () => ({ status: 'ok', problems: [] }), info: (async () => ({})) as never, log },
    )
    await expect(second.start()).rejects.toMatchObject({ detail: { code: 'PORT_TAKEN', port } })
    await second.stop()
  })
})

describe('healthOf', () => {
  const GOOD = { membership: 'ready', chainSilentMs: 0, awayAfterMs: 10, peers: 1 } as const
  it.each([
    { given: 'nothing wrong', change: {}, health: { status: 'ok', problems: [] } },
    { given: 'no peers', change: { peers: 0 }, health: { status: 'ok', problems: ['NO_PEERS'] } },
    {
      given: 'a silent chain',
      change: { chainSilentMs: 11 },
      health: { status: 'degraded', problems: ['CHAIN_AWAY'] },
    },
    {
      given: 'members not read yet',
      change: { membership: 'behind' },
      health: { status: 'down', problems: ['MEMBERS_UNKNOWN'] },
    },
    {
      given: 'a ledger that does not fit',
      change: { membership: 'mismatch' },
      health: { status: 'down', problems: ['LEDGER_MISMATCH'] },
    },
  ] as const)('with $given', ({ change, health }) => {
    expect(healthOf({ ...GOOD, ...change })).toEqual(health)
  })
})
