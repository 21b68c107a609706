import { decodeLeaseAnswer, encodeLeaseRequest, LEASE_STATUS, signClaim } from '@teahouse/protocol/lease'
import { decode, LeaseResponse, PROTOCOLS } from '@teahouse/protocol/wire'
import fc from 'fast-check'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Net, Service } from '../net/index.ts'
import { ask, SILENT, testHost } from '../net/test-hosts.ts'
import { openDatabase } from '../storage/index.ts'
import { LeaseConfig } from './config.ts'
import { leaseDesk, type LeaseDesk } from './desk.ts'
import { lease } from './lease.ts'
import { LEASE_MIGRATIONS, sqliteBook } from './sqlite-book.ts'

const EPOCH_SECONDS = 60
const EPOCH = 30_000_000n
const identifier = new Uint8Array(32).fill(7)
const config = LeaseConfig.parse({})

let folder: string
let path: string
let db: ReturnType<typeof openDatabase>
let server: Net
let client: Net
let desk: LeaseDesk
let service: Service
let now: number
let limits: Partial<LeaseConfig>

async function open(): Promise<void> {
  db = openDatabase(path, LEASE_MIGRATIONS)
  const deps = { identifier, epochSeconds: EPOCH_SECONDS, now: () => now }
  desk = leaseDesk({ ...config, ...limits }, { book: sqliteBook(db), ...deps })
  service = lease(config, { net: server, desk, now: () => now, log: SILENT })
  await service.start()
}

async function close(): Promise<void> {
  await service.stop()
  db.close()
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'teahouse-lease-'))
  server = await testHost()
  client = await testHost([])
  await Promise.all([server.start(), client.start()])
})
afterAll(async () => {
  await Promise.all([server.stop(), client.stop()])
  rmSync(folder, { recursive: true })
})
beforeEach(async () => {
  now = Number(EPOCH) * EPOCH_SECONDS * 1_000 + 5_000
  limits = {}
  path = join(folder, `${randomBytes(8).toString('hex')}.sqlite`)
  await open()
  return close
})

const exchange = (bytes: Uint8Array) => ask(client, server, PROTOCOLS.lease, bytes)
const newSeed = () => new Uint8Array(randomBytes(32))

function claimOf(seed: Uint8Array, first: number, end: number, { epoch = EPOCH, network = identifier } = {}) {
  return signClaim(network, { epoch, first, end, nonce: new Uint8Array(randomBytes(16)) }, seed)
}
async function send(claim: ReturnType<typeof claimOf>) {
  const { key, epoch, ...range } = claim
  return decodeLeaseAnswer(await exchange(encodeLeaseRequest({ key, epoch, claim: range })))
}
const look = async ({ key, epoch }: ReturnType<typeof claimOf>) =>
  decodeLeaseAnswer(await exchange(encodeLeaseRequest({ key, epoch })))

describe('/teahouse/lease/1', () => {
  it('tells its time', async () => {
    const bytes = await exchange(encodeLeaseRequest(undefined, 'mine'))
    expect(decode(LeaseResponse, bytes).requestId).toBe('mine')
    const answer = decodeLeaseAnswer(bytes)
    expect(answer).toEqual({ status: 200, description: 'OK', time: now, taken: undefined })
  })

  it('grants each place once, in rising order, and shows who has the last ones', async () => {
    const seed = newSeed()
    const [one, two] = [claimOf(seed, 0, 4), claimOf(seed, 4, 5)]
    expect(await look(one)).toMatchObject({ status: 200, taken: undefined })
    expect(await send(one)).toMatchObject({ status: 200, taken: { first: 0, end: 4, nonce: one.nonce } })
    for (const late of [claimOf(seed, 0, 4), claimOf(seed, 3, 9), claimOf(seed, 0, 1)]) {
      const answer = await send(late)
      expect(answer).toMatchObject({ status: 409, taken: { first: 0, end: 4, signature: one.signature } })
    }
    expect(await send(two)).toMatchObject({ status: 200, taken: { end: 5 } })
    expect(await look(one)).toMatchObject({ taken: { first: 4, end: 5, nonce: two.nonce } })
    expect(desk.counts()).toEqual({ granted: 2, taken: 3, refused: 0 })
  })

  it('grants the very same claim again, whose answer was lost, until there is a later one', async () => {
    const seed = newSeed()
    const one = claimOf(seed, 0, 4)
    expect([await send(one), await send(one)].map(({ status }) => status)).toEqual([200, 200])
    await send(claimOf(seed, 4, 6))
    expect(await send(one)).toMatchObject({ status: 409, taken: { end: 6 } })
  })

  it('knows keys and epochs apart', async () => {
    const seed = newSeed()
    await send(claimOf(seed, 0, 4))
    expect(await send(claimOf(seed, 0, 4, { epoch: EPOCH + 1n }))).toMatchObject({ status: 200 })
    expect(await send(claimOf(newSeed(), 0, 4))).toMatchObject({ status: 200 })
  })

  it('remembers over a restart', async () => {
    const seed = newSeed()
    await send(claimOf(seed, 0, 4))
    await close()
    await open()
    expect(await send(claimOf(seed, 3, 5))).toMatchObject({ status: 409, taken: { end: 4 } })
  })
})

describe('when it must refuse', () => {
  it.each([
    { given: 'an epoch that is over', epoch: EPOCH - 2n },
    { given: 'an epoch too far ahead', epoch: EPOCH + 3n },
    { given: 'an epoch beyond all numbers', epoch: 2n ** 64n - 1n },
  ])('$given: 410, with its time', async ({ epoch }) => {
    expect(await send(claimOf(newSeed(), 0, 1, { epoch }))).toMatchObject({ status: 410, time: now })
  })

  it('an epoch that it has forgotten, though its clock falls back', async () => {
    const seed = newSeed()
    await send(claimOf(seed, 0, 4))
    await desk.prune(EPOCH + 1n)
    await close()
    await open()
    expect(await send(claimOf(seed, 0, 4))).toMatchObject({ status: 410 })
    expect(await send(claimOf(seed, 0, 4, { epoch: EPOCH + 1n }))).toMatchObject({ status: 200 })
  })

  it('a claim that its key did not sign, or signed for another network', async () => {
    const [seed, other] = [newSeed(), claimOf(newSeed(), 0, 2)]
    const own = claimOf(seed, 0, 2)
    const foreign = [
      { ...own, signature: other.signature },
      { ...own, end: 3 },
      { ...own, key: new Uint8Array(32).fill(0xff) },
      claimOf(seed, 0, 2, { network: new Uint8Array(32) }),
    ]
    for (const claim of foreign) expect(await send(claim)).toMatchObject({ status: 400 })
    expect(await look(own)).toMatchObject({ status: 200, taken: undefined })
  })

  it.each([
    { given: 'no places', change: { first: 2, end: 2 } },
    { given: 'places beyond the last', change: { first: 0, end: 2 ** 16 + 1 } },
    { given: 'half a nonce', change: { nonce: new Uint8Array(8) } },
    { given: 'half a signature', change: { signature: new Uint8Array(32) } },
  ])('$given: 400', async ({ change }) => {
    const { key, epoch, ...range } = claimOf(newSeed(), 0, 4)
    const bytes = encodeLeaseRequest({ key, epoch, claim: { ...range, ...change } })
    expect(decodeLeaseAnswer(await exchange(bytes))).toMatchObject({ status: 400, time: now })
  })

  it('a flood of keys: the places of those who came before stay', async () => {
    limits = { keysPerPeer: 3 }
    await close()
    await open()
    const first = newSeed()
    const statuses = [await send(claimOf(first, 0, 1))]
    for (let count = 0; count < 4; count++) statuses.push(await send(claimOf(newSeed(), 0, 1)))
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429])
    expect(await send(claimOf(first, 1, 2))).toMatchObject({ status: 200 })
    expect(await send(claimOf(newSeed(), 0, 1, { epoch: EPOCH + 1n }))).toMatchObject({ status: 200 })
  })

  it.each([{ keysPerEpoch: 2 }, { keysPerAddress: 2 }])(
    'more keys than %o, also after a restart',
    async (limit) => {
      limits = limit
      await close()
      await open()
      for (let count = 0; count < 2; count++) {
        expect(await send(claimOf(newSeed(), 0, 1))).toMatchObject({ status: 200 })
        if (!('keysPerEpoch' in limit)) continue
        await close()
        await open()
      }
      expect(await send(claimOf(newSeed(), 0, 1))).toMatchObject({ status: 429 })
    },
  )

  it('a flood of requests', async () => {
    limits = { requestsPerSecond: 0.001, requestsAtOnce: 2 }
    await close()
    await open()
    const answers = await Promise.all([1, 2, 3].map(() => look(claimOf(newSeed(), 0, 1))))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 429])
  })

  it('anything when its book fails: 503, with its time', async () => {
    db.close()
    expect(await send(claimOf(newSeed(), 0, 1))).toMatchObject({
      status: LEASE_STATUS.unavailable,
      time: now,
    })
    db = openDatabase(path, LEASE_MIGRATIONS)
  })

  it('any bytes with a status', async () => {
    const good = claimOf(newSeed(), 0, 1)
    const request = encodeLeaseRequest({ key: good.key, epoch: EPOCH, claim: good })
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .array(fc.tuple(fc.nat(request.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
        .map((edits) => edits.reduce((copy, [at, to]) => copy.with(at, to), request)),
    )
    await fc.assert(
      fc.asyncProperty(bytes, async (given) => {
        expect([200, 400, 409, 410]).toContain(decode(LeaseResponse, await exchange(given)).statusCode)
      }),
      { numRuns: 60 },
    )
  })
})
