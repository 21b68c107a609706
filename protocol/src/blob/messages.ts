import { type Address, bytesToHex, getAddress, type Hex, hexToBytes, numberToHex } from 'viem'
import type { StorageReceipt } from '../receipts/index.ts'
import {
  type BlobPut,
  BlobRequest,
  BlobResponse,
  decode,
  type SignedStorageReceipt,
  WireError,
} from '../wire/index.ts'
import { malformed } from './errors.ts'
import { MAX_BLOB_BYTES, MAX_BLOB_ROOTS } from './limits.ts'

/** What is asked of a node. Roots are those of `contentTree`; times are unix seconds. */
export type BlobQuestion =
  /** Keep this at least until then; `client` wants a receipt for it. */
  | {
      readonly ask: 'put'
      readonly data: Uint8Array
      readonly until: number
      readonly client?: Address | undefined
    }
  | { readonly ask: 'get'; readonly root: Hex }
  /** Keep what is there at least until then. */
  | {
      readonly ask: 'renew'
      readonly root: Hex
      readonly until: number
      readonly client?: Address | undefined
    }
  /** Which of them are there, and until when. */
  | { readonly ask: 'stat'; readonly roots: readonly Hex[] }

/** A receipt and the node key's signature of it: 65 bytes r ‖ s ‖ v. */
export interface SignedReceipt {
  readonly receipt: StorageReceipt
  readonly signature: Hex
}

/** What a node answers; nothing of it is checked but its form. */
export interface BlobAnswer {
  readonly status: number
  readonly description: string
  /** Of put and renew: unix seconds. */
  readonly until?: number | undefined
  /** Of get. */
  readonly data?: Uint8Array | undefined
  /** Of stat: for each root until when it is kept, 0 for one that is not there. */
  readonly ends?: readonly number[] | undefined
  readonly receipt?: SignedReceipt | undefined
}

const KINDS = ['put', 'get', 'renew', 'stat'] as const
/** What the courts take for a time: 40 bits. */
const MAX_TIME = 2n ** 40n - 1n

export function encodeBlobRequest(question: BlobQuestion, requestId = ''): Uint8Array {
  switch (question.ask) {
    case 'put':
      return BlobRequest.encode({ requestId, put: { data: question.data, ...termOf(question) } })
    case 'get':
      return BlobRequest.encode({ requestId, get: { root: hexToBytes(question.root) } })
    case 'renew':
      return BlobRequest.encode({
        requestId,
        renew: { root: hexToBytes(question.root), ...termOf(question) },
      })
    case 'stat':
      return BlobRequest.encode({
        requestId,
        stat: { roots: question.roots.map((root) => hexToBytes(root)) },
      })
  }
}

function termOf({ until, client }: { until: number; client?: Address | undefined }) {
  return { until: BigInt(until), ...(client && { client: hexToBytes(client) }) }
}

/** Throws BlobWireError BAD_REQUEST, WireError MALFORMED. */
export function decodeBlobRequest(bytes: Uint8Array): { requestId: string; question: BlobQuestion } {
  const request = decode(BlobRequest, bytes, { stat: { roots: MAX_BLOB_ROOTS } })
  const [kind, ...more] = KINDS.filter((name) => request[name] !== undefined)
  if (!kind || more.length > 0) throw malformed('BAD_REQUEST', 'it asks for not exactly one thing')
  return { requestId: request.requestId, question: readQuestion(request) }
}

function readQuestion({ put, get, renew, stat }: BlobRequest): BlobQuestion {
  if (put) {
    const size = put.data.length
    if (size === 0 || size > MAX_BLOB_BYTES)
      throw malformed('BAD_REQUEST', `a blob has 1 to ${MAX_BLOB_BYTES} bytes`)
    return { ask: 'put', data: put.data, ...readTerm(put) }
  }
  if (get) return { ask: 'get', root: readRoot('BAD_REQUEST', get.root) }
  if (renew) return { ask: 'renew', root: readRoot('BAD_REQUEST', renew.root), ...readTerm(renew) }
  const roots = stat?.roots ?? []
  if (roots.length === 0) throw malformed('BAD_REQUEST', 'it names no root')
  return { ask: 'stat', roots: roots.map((root) => readRoot('BAD_REQUEST', root)) }
}

function readTerm({ until, client }: Pick<BlobPut, 'until' | 'client'>) {
  return {
    until: readTime('BAD_REQUEST', until),
    ...(client && { client: readAddress('BAD_REQUEST', client) }),
  }
}

export function encodeBlobAnswer(answer: BlobAnswer, requestId = ''): Uint8Array {
  const { status: statusCode, description: statusDesc, until, data, ends = [], receipt } = answer
  return BlobResponse.encode({
    requestId,
    statusCode,
    statusDesc,
    ends: ends.map((end) => BigInt(end)),
    ...(until !== undefined && { until: BigInt(until) }),
    ...(data && { data }),
    ...(receipt && { receipt: encodeReceipt(receipt) }),
  })
}

function encodeReceipt({ receipt, signature }: SignedReceipt): SignedStorageReceipt {
  const { operator, client, root, size, from, until, liability, slot } = receipt
  return {
    operator,
    client: hexToBytes(client),
    root: hexToBytes(root),
    size,
    from: BigInt(from),
    until: BigInt(until),
    liability: liability === 0n ? new Uint8Array() : hexToBytes(numberToHex(liability)),
    slot,
    signature: hexToBytes(signature),
  }
}

/** Throws BlobWireError BAD_ANSWER. */
export function decodeBlobAnswer(bytes: Uint8Array): BlobAnswer {
  const response = read(bytes)
  const { statusCode: status, statusDesc = '', until, data, ends, receipt } = response
  if (data && (data.length === 0 || data.length > MAX_BLOB_BYTES))
    throw malformed('BAD_ANSWER', 'it has no blob')
  return {
    status,
    description: statusDesc.slice(0, 200),
    ...(until !== undefined && { until: readTime('BAD_ANSWER', until) }),
    ...(data && { data }),
    ...(ends.length > 0 && { ends: ends.map((end) => readTime('BAD_ANSWER', end)) }),
    ...(receipt && { receipt: readReceipt(receipt) }),
  }
}

function read(bytes: Uint8Array): BlobResponse {
  try {
    return decode(BlobResponse, bytes, { ends: MAX_BLOB_ROOTS })
  } catch (error) {
    throw error instanceof WireError ? malformed('BAD_ANSWER', error.message) : error
  }
}

function readReceipt(said: SignedStorageReceipt): SignedReceipt {
  const { operator, client, root, size, from, until, liability, slot, signature } = said
  if (signature.length !== 65) throw malformed('BAD_ANSWER', 'a signature has not 65 bytes')
  if (liability.length > 16) throw malformed('BAD_ANSWER', 'a liability does not fit 128 bits')
  const receipt: StorageReceipt = {
    operator,
    client: readAddress('BAD_ANSWER', client),
    root: readRoot('BAD_ANSWER', root),
    size,
    from: readTime('BAD_ANSWER', from),
    until: readTime('BAD_ANSWER', until),
    liability: liability.length === 0 ? 0n : BigInt(bytesToHex(liability)),
    slot,
  }
  return { receipt, signature: bytesToHex(signature) }
}

type Side = 'BAD_REQUEST' | 'BAD_ANSWER'

function readRoot(side: Side, bytes: Uint8Array): Hex {
  if (bytes.length !== 32) throw malformed(side, 'a root has not 32 bytes')
  return bytesToHex(bytes)
}

function readAddress(side: Side, bytes: Uint8Array): Address {
  if (bytes.length !== 20) throw malformed(side, 'an address has not 20 bytes')
  return getAddress(bytesToHex(bytes))
}

function readTime(side: Side, seconds: bigint): number {
  if (seconds > MAX_TIME) throw malformed(side, 'a time is out of range')
  return Number(seconds)
}
