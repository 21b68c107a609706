import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  checkRootAnswer,
  decodeRootAnswer,
  encodeRootRequest,
  ReceiptError,
} from '@teahouse/protocol/receipts'
import { decode, PROTOCOLS, RootRequest, RootResponse } from '@teahouse/protocol/wire'
import fc from 'fast-check'
import { type Hex, keccak256, toHex } from 'viem'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ChargeResult, Net, Service } from '../net/index.ts'
import { ask, SILENT, testHost } from '../net/test-hosts.ts'
import type { RootBook } from './book.ts'
import { RootsConfig } from './config.ts'
import { rootDesk } from './desk.ts'
import { sealHour } from './seal-hour.ts'
import { rootService } from './service.ts'
import { account, HOUR, openBookIn, question, SHARD, sealDeps, SPEAKER, WHERE } from './testing/roots.ts'

const HASHES: Hex[] = Array.from({ length: 20 }, (_, at) => keccak256(toHex(at)))
const OLD = HOUR - 1n

let folder: string
let db: ReturnType<typeof openBookIn>['db']
let book: RootBook
let server: Net
let client: Net
let service: Service
let paid: ChargeResult
let charged: unknown[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'teahouse-root-service-'))
  ;({ db, book } = openBookIn(folder))
  const keys = () =>
    Promise.resolve(
      HASHES.map((hash, at) => ({ timestamp: BigInt(at), hash: Buffer.from(hash.slice(2), 'hex') })),
    )
  const deps = sealDeps({ keys }, book, folder)
  await sealHour({ ...WHERE, hour: OLD }, deps)
  while (await book.prune(HOUR));
  await sealHour(WHERE, deps)

  server = await testHost()
  client = await testHost([])
  await Promise.all([server.start(), client.start()])
  const desk = rootDesk({ book, speaker: SPEAKER, account })
  const charge = (...args: unknown[]) => {
    charged.push(args)
    return Promise.resolve(paid)
  }
  service = rootService(RootsConfig.parse({}), { net: server, desk, charge, log: SILENT })
  await service.start()
})
afterAll(async () => {
  await service.stop()
  await Promise.all([server.stop(), client.stop()])
  db.close()
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  paid = { ok: true }
  charged = []
})

const exchange = (bytes: Uint8Array) => ask(client, server, PROTOCOLS.root, bytes)

describe('/teahouse/root/1', () => {
  it('answers with what a client can check, and charges one store query', async () => {
    const [here, missing] = [HASHES[4]!, keccak256(toHex('missing'))]
    const about = async (messageHash?: Hex) => {
      const answer = decodeRootAnswer(await exchange(encodeRootRequest(SHARD, HOUR, messageHash)))
      return checkRootAnswer(question({ messageHash }), answer)
    }
    expect([await about(here), await about(missing), await about()]).toEqual(['present', 'absent', undefined])
    expect(charged).toEqual(Array(3).fill([client.peerId.toString(), 'store-query', 1]))
  })

  it('gives the request id back', async () => {
    const bytes = await exchange(encodeRootRequest(SHARD, HOUR, undefined, 'mine'))
    expect(decode(RootResponse, bytes).requestId).toBe('mine')
  })
})

describe('when it must refuse', () => {
  const refusal = async (bytes: Uint8Array) => {
    const error: unknown = await exchange(bytes)
      .then(decodeRootAnswer)
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ReceiptError)
    return (error as ReceiptError).detail
  }

  it.each([
    { given: 'an hour of which nothing was said', shard: SHARD, hour: HOUR + 1n, status: 404 },
    { given: 'another shard', shard: 9, hour: HOUR, status: 404 },
    { given: 'an hour beyond all numbers', shard: SHARD, hour: 2n ** 64n - 1n, status: 404 },
    {
      given: 'a proof of an hour that is kept no more',
      shard: SHARD,
      hour: OLD,
      hash: HASHES[0],
      status: 410,
    },
  ])('$given: $status', async ({ shard, hour, hash, status }) => {
    expect(await refusal(encodeRootRequest(shard, hour, hash))).toMatchObject({ code: 'REFUSED', status })
  })

  it('a hash of another length: 400, uncharged', async () => {
    const bytes = RootRequest.encode({
      requestId: '',
      shard: SHARD,
      hour: HOUR,
      messageHash: new Uint8Array(31),
    })
    expect(await refusal(bytes)).toMatchObject({ status: 400 })
    expect(charged).toEqual([])
  })

  it('who used up what is free: 429', async () => {
    paid = { ok: false, description: 'buy more' }
    expect(await refusal(encodeRootRequest(SHARD, HOUR))).toMatchObject({
      status: 429,
      description: 'TOO_MANY_REQUESTS: buy more',
    })
  })

  it('too large a request: 400', async () => {
    const bytes = encodeRootRequest(SHARD, HOUR, HASHES[0], 'x'.repeat(200))
    expect(await refusal(bytes)).toMatchObject({ status: 400 })
  })

  it('anything when its book fails: 503', async () => {
    const find = book.find.bind(book)
    book.find = () => Promise.reject(new Error('no disk'))
    expect(await refusal(encodeRootRequest(SHARD, HOUR))).toMatchObject({ status: 503 })
    book.find = find
  })

  it('any bytes get an answer of the protocol', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 128 }), async (bytes) => {
        const { statusCode } = decode(RootResponse, await exchange(bytes))
        expect([200, 400, 404, 410]).toContain(statusCode)
      }),
      { numRuns: 20 },
    )
  })
})
