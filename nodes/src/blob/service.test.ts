import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type BlobQuestion,
  decodeBlobAnswer,
  encodeBlobRequest,
  MAX_BLOB_BYTES,
  type SignedReceipt,
} from '@teahouse/protocol/blob'
import { PROTOCOLS } from '@teahouse/protocol/wire'
import fc from 'fast-check'
import { numberToHex } from 'viem'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ChargeResult, Net, Service } from '../net/index.ts'
import { ask, SILENT, testHost } from '../net/test-hosts.ts'
import type { BlobStore } from './blob-store.ts'
import { BlobConfig } from './config.ts'
import { blobDesk, type ReceiptRequest } from './desk.ts'
import { blobService } from './service.ts'
import { content, DAY, ENDLESS, NOW, openStoreIn, rootOf } from './testing/blobs.ts'

const CLIENT = numberToHex(7, { size: 20 })
const DATA = content(1)
const ROOT = rootOf(DATA)
const UNTIL = NOW + 7 * DAY

let server: Net
let client: Net
let folder: string
let db: ReturnType<typeof openStoreIn>['db']
let store: BlobStore
let service: Service
let now: number
let paid: ChargeResult
let charged: unknown[]
let signed: ReceiptRequest[]

beforeAll(async () => {
  server = await testHost()
  client = await testHost([])
  await Promise.all([server.start(), client.start()])
})
afterAll(() => Promise.all([server.stop(), client.stop()]))
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'teahouse-blob-service-'))
  now = NOW
  paid = { ok: true }
  charged = []
  signed = []
  await open()
})
afterEach(async () => {
  await service.stop()
  db.close()
  await rm(folder, { recursive: true })
})

async function open(options?: Parameters<typeof openStoreIn>[1]): Promise<void> {
  ;({ db, store } = openStoreIn(folder, options))
  const desk = blobDesk({
    store,
    charge: async (_peer, kind, units) => {
      if (paid.ok) charged.push([kind, units])
      return paid
    },
    issueReceipt: async (request) => {
      signed.push(request)
      return receiptOf(request)
    },
    maxDays: 30,
    now: () => now * 1_000,
    log: SILENT,
  })
  service = blobService(BlobConfig.parse({}), { net: server, desk, log: SILENT })
  await service.start()
}

async function reopen(options: Parameters<typeof openStoreIn>[1]): Promise<void> {
  await service.stop()
  db.close()
  await open(options)
}

function receiptOf({ client: whom, root, size, until }: ReceiptRequest): SignedReceipt {
  const receipt = {
    operator: 1,
    client: whom,
    root,
    size: BigInt(size),
    from: NOW,
    until,
    liability: 5n,
    slot: 0,
  }
  return { receipt, signature: `0x${'11'.repeat(65)}` }
}

const exchange = async (question: BlobQuestion) =>
  decodeBlobAnswer(await ask(client, server, PROTOCOLS.blob, encodeBlobRequest(question)))
const put = (until = UNTIL, data = DATA) => exchange({ ask: 'put', data, until })
const get = (root = ROOT) => exchange({ ask: 'get', root })
const stat = async (...roots: (typeof ROOT)[]) => (await exchange({ ask: 'stat', roots })).ends

describe('/teahouse/blob/1', () => {
  it('keeps a blob for what its days cost, and gives it for one unit', async () => {
    const full = content(2, MAX_BLOB_BYTES)
    expect(await put(UNTIL, full)).toEqual({ status: 200, description: 'OK', until: UNTIL })
    expect((await get(rootOf(full))).data).toEqual(full)
    expect(await stat(rootOf(full), ROOT)).toEqual([UNTIL, 0])
    expect(charged).toEqual([
      ['blob-day', 7],
      ['blob-get', 1],
      ['blob-get', 1],
    ])
  })

  it('charges for the same again only the added time', async () => {
    await put()
    for (const until of [UNTIL, UNTIL - DAY]) expect((await put(until)).until).toBe(UNTIL)
    now += DAY
    expect((await put(UNTIL + 2 * DAY)).until).toBe(UNTIL + 2 * DAY)
    expect((await exchange({ ask: 'renew', root: ROOT, until: UNTIL + 5 * DAY })).until).toBe(UNTIL + 5 * DAY)
    expect(charged).toEqual([
      ['blob-day', 7],
      ['blob-day', 2],
      ['blob-day', 3],
    ])
  })

  it('charges once when the same comes several times at a time', async () => {
    const answers = await Promise.all([put(), put(), put()])
    expect(answers.map(({ until }) => until)).toEqual([UNTIL, UNTIL, UNTIL])
    expect(charged).toEqual([['blob-day', 7]])
  })

  it('gives nothing whose time is over, held or not, and takes it anew at the full price', async () => {
    await put()
    await store.holdUntil(ROOT, UNTIL + DAY)
    now = UNTIL
    expect([(await get()).status, await stat(ROOT)]).toEqual([404, [0]])
    expect((await exchange({ ask: 'renew', root: ROOT, until: UNTIL + DAY })).status).toBe(404)
    charged = []
    await put(UNTIL + 2 * DAY)
    expect((await get()).data).toEqual(DATA)
    expect(charged).toEqual([
      ['blob-day', 2],
      ['blob-get', 1],
    ])
  })

  it('gives a receipt to whoever named an address and paid, again when asked again, and to nobody else', async () => {
    const mine: BlobQuestion = { ask: 'put', data: DATA, until: UNTIL, client: CLIENT }
    const request = { client: CLIENT, root: ROOT, size: DATA.length, until: UNTIL }
    const first = await exchange(mine)
    expect(signed).toEqual([request])
    expect(first.receipt).toEqual(receiptOf(signed[0]!))
    expect((await exchange(mine)).receipt).toEqual(first.receipt)
    expect((await exchange({ ...mine, client: numberToHex(8, { size: 20 }) })).receipt).toBeUndefined()
    expect((await put()).receipt).toBeUndefined()
    expect(signed).toEqual([request, request])
    const later = { ask: 'renew', root: ROOT, until: UNTIL + DAY, client: CLIENT } as const
    expect((await exchange(later)).receipt?.receipt.until).toBe(UNTIL + DAY)
  })
})

describe('when it must refuse', () => {
  it.each([
    { given: 'a time that is over', question: { ask: 'put', data: DATA, until: NOW }, status: 400 },
    { given: 'a time too far', question: { ask: 'put', data: DATA, until: NOW + 31 * DAY }, status: 416 },
    { given: 'a renewal of nothing', question: { ask: 'renew', root: ROOT, until: UNTIL }, status: 404 },
    { given: 'a question for nothing', question: { ask: 'get', root: ROOT }, status: 404 },
    { given: 'an empty blob', question: { ask: 'put', data: new Uint8Array(), until: UNTIL }, status: 400 },
  ] as const)('given $given, answers $status and charges nothing', async ({ question, status }) => {
    expect((await exchange(question)).status).toBe(status)
    expect([charged, store.totals().blobs]).toEqual([[], 0])
  })

  it('prolongs nothing beyond what it keeps', async () => {
    await put()
    expect((await exchange({ ask: 'renew', root: ROOT, until: NOW + 31 * DAY })).status).toBe(416)
    expect(await stat(ROOT)).toEqual([UNTIL])
  })

  it('keeps, prolongs and gives nothing unpaid, and says what it costs', async () => {
    paid = { ok: false, description: 'blob-day costs 70' }
    expect(await put()).toEqual({ status: 429, description: 'TOO_MANY_REQUESTS: blob-day costs 70' })
    expect(store.totals().blobs).toBe(0)
    paid = { ok: true }
    await put()
    paid = { ok: false, description: 'no' }
    for (const question of [
      { ask: 'renew', root: ROOT, until: UNTIL + DAY },
      { ask: 'get', root: ROOT },
      { ask: 'stat', roots: [ROOT] },
    ] as const)
      expect((await exchange(question)).status).toBe(429)
    expect((await put()).until).toBe(UNTIL)
  })

  it('answers 507 without room, and charges nothing; what is there is still prolonged', async () => {
    await put()
    await reopen({ maxBytes: 1_500 })
    charged = []
    expect((await put(UNTIL, content(3))).status).toBe(507)
    await reopen({ room: { ...ENDLESS, has: () => false } })
    expect((await put(UNTIL, content(3))).status).toBe(507)
    expect(charged).toEqual([])
    expect((await put(UNTIL + DAY)).until).toBe(UNTIL + DAY)
  })

  it('answers 400 to bytes that are no request, and goes on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const { status } = decodeBlobAnswer(await ask(client, server, PROTOCOLS.blob, bytes))
        expect(status).toBe(400)
      }),
      { numRuns: 20 },
    )
    expect((await put()).status).toBe(200)
  })
})
