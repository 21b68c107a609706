import { type Address, getAddress, keccak256, numberToHex, toHex } from 'viem'
import { describe, expect, it } from 'vitest'
import { BlobRequest, BlobResponse } from '../wire/index.ts'
import { MAX_BLOB_BYTES, MAX_BLOB_ROOTS } from './limits.ts'
import {
  type BlobAnswer,
  type BlobQuestion,
  decodeBlobAnswer,
  decodeBlobRequest,
  encodeBlobAnswer,
  encodeBlobRequest,
} from './messages.ts'
import { blobDays } from './price.ts'

const CLIENT: Address = getAddress(numberToHex(9, { size: 20 }))
const ROOT = keccak256(toHex('root'))
const RECEIPT = {
  receipt: {
    ...{ operator: 7, client: CLIENT, root: ROOT, size: 65_536n, from: 10, until: 2 ** 40 - 1 },
    ...{ liability: 2n ** 128n - 1n, slot: 2 ** 32 - 1 },
  },
  signature: `0x${'12'.repeat(65)}`,
} as const

describe('requests and answers', () => {
  it.each<BlobQuestion>([
    { ask: 'put', data: Uint8Array.of(1, 2), until: 5, client: CLIENT },
    { ask: 'put', data: new Uint8Array(MAX_BLOB_BYTES), until: 2 ** 40 - 1 },
    { ask: 'get', root: ROOT },
    { ask: 'renew', root: ROOT, until: 6 },
    { ask: 'renew', root: ROOT, until: 6, client: CLIENT },
    { ask: 'stat', roots: [ROOT, ROOT] },
  ])('carry a $ask', (question) => {
    expect(decodeBlobRequest(encodeBlobRequest(question, 'id'))).toEqual({ requestId: 'id', question })
  })

  it.each<BlobAnswer>([
    { status: 200, description: 'OK', until: 5, receipt: RECEIPT },
    {
      status: 200,
      description: '',
      until: 5,
      receipt: { ...RECEIPT, receipt: { ...RECEIPT.receipt, liability: 0n } },
    },
    { status: 200, description: 'OK', data: Uint8Array.of(1) },
    { status: 200, description: 'OK', ends: [0, 7] },
    { status: 404, description: 'NOT_FOUND' },
  ])('carry back answer %#', (answer) => {
    expect(decodeBlobAnswer(encodeBlobAnswer(answer))).toEqual(answer)
  })
})

describe('when it must refuse', () => {
  const root = new Uint8Array(32)
  const until = 5n
  it.each([
    { given: 'nothing', request: {} },
    { given: 'two things', request: { get: { root }, stat: { roots: [root] } } },
    { given: 'an empty blob', request: { put: { data: new Uint8Array(), until } } },
    { given: 'a large blob', request: { put: { data: new Uint8Array(MAX_BLOB_BYTES + 1), until } } },
    { given: 'a short root', request: { get: { root: new Uint8Array(31) } } },
    { given: 'no root', request: { stat: { roots: [] } } },
    { given: 'a time beyond all', request: { renew: { root, until: 2n ** 40n } } },
    { given: 'no address', request: { renew: { root, until, client: new Uint8Array(19) } } },
  ])('a request for $given is none', ({ request }) => {
    expect(() => decodeBlobRequest(BlobRequest.encode({ requestId: '', ...request }))).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST' }),
    )
  })

  it('a request with more roots than may be is malformed', () => {
    const roots = Array.from({ length: MAX_BLOB_ROOTS + 1 }, () => root)
    expect(() => decodeBlobRequest(BlobRequest.encode({ requestId: '', stat: { roots } }))).toThrow(
      expect.objectContaining({ code: 'MALFORMED' }),
    )
  })

  const said = {
    ...{ operator: 1, client: new Uint8Array(20), root, size: 1n, from: 1n, until: 2n },
    ...{ liability: new Uint8Array(1), slot: 0, signature: new Uint8Array(65) },
  }
  it.each([
    { given: 'an empty blob', answer: { data: new Uint8Array() } },
    { given: 'too much', answer: { data: new Uint8Array(MAX_BLOB_BYTES + 1) } },
    { given: 'no time', answer: { until: 2n ** 40n } },
    { given: 'more ends than roots', answer: { ends: Array.from({ length: MAX_BLOB_ROOTS + 1 }, () => 1n) } },
    { given: 'a short signature', answer: { receipt: { ...said, signature: new Uint8Array(64) } } },
    { given: 'a liability beyond all', answer: { receipt: { ...said, liability: new Uint8Array(17) } } },
    { given: 'no client', answer: { receipt: { ...said, client: new Uint8Array(0) } } },
  ])('an answer with $given is none', ({ answer }) => {
    const bytes = BlobResponse.encode({ requestId: '', statusCode: 200, ends: [], ...answer })
    expect(() => decodeBlobAnswer(bytes)).toThrow(expect.objectContaining({ code: 'BAD_ANSWER' }))
  })
})

describe('the price of time', () => {
  const day = 86_400
  it.each([
    { seconds: -day, units: 0 },
    { seconds: 0, units: 0 },
    { seconds: 1, units: 1 },
    { seconds: day, units: 1 },
    { seconds: day + 3_600, units: 1 },
    { seconds: day + 3_601, units: 2 },
    { seconds: 7 * day, units: 7 },
    { seconds: 7 * day + 3_600, units: 7 },
    { seconds: 365 * day, units: 365 },
  ])('of $seconds s is $units', ({ seconds, units }) => {
    expect(blobDays(seconds)).toBe(units)
  })
})
