import { decode, LeaseRequest, LeaseResponse, WireError, type LeaseClaimed } from '../wire/index.ts'
import type { SignedRange } from './claim.ts'
import { malformed } from './errors.ts'
import { LEASE_KEY_BYTES, LEASE_NONCE_BYTES, LEASE_SIGNATURE_BYTES, MAX_LEASE_PLACES } from './limits.ts'

/** What a client asks of a key: to have a range, or what was claimed last. */
export interface LeaseQuestion {
  readonly key: Uint8Array
  readonly epoch: bigint
  readonly claim?: SignedRange | undefined
}

export interface LeaseAnswer {
  readonly status: number
  readonly description: string
  /** The node's clock, milliseconds since 1970. */
  readonly time: number
  /** What was claimed last under the key: the own claim if it was granted. Its signature is not checked. */
  readonly taken?: SignedRange | undefined
}

/** Without a question, only the node's time is asked for. */
export function encodeLeaseRequest(question?: LeaseQuestion, requestId = ''): Uint8Array {
  return LeaseRequest.encode({ requestId, ...(question && { query: question }) })
}

/** Throws LeaseWireError BAD_REQUEST, WireError MALFORMED. */
export function decodeLeaseRequest(bytes: Uint8Array): { requestId: string; question?: LeaseQuestion } {
  const { requestId, query } = decode(LeaseRequest, bytes)
  if (!query) return { requestId }
  const { key, epoch, claim } = query
  if (key.length !== LEASE_KEY_BYTES) throw malformed('BAD_REQUEST', `a key has ${LEASE_KEY_BYTES} bytes`)
  const wrong = claim && problemOf(claim)
  if (wrong) throw malformed('BAD_REQUEST', wrong)
  return { requestId, question: { key, epoch, claim } }
}

export function encodeLeaseAnswer(answer: LeaseAnswer, requestId = ''): Uint8Array {
  const { status: statusCode, description: statusDesc, time, taken } = answer
  return LeaseResponse.encode({
    requestId,
    statusCode,
    statusDesc,
    time: BigInt(Math.floor(time)),
    ...(taken && { taken }),
  })
}

/** Throws LeaseWireError BAD_ANSWER. */
export function decodeLeaseAnswer(bytes: Uint8Array): LeaseAnswer {
  const { statusCode: status, statusDesc = '', time, taken } = read(bytes)
  if (time === 0n || time > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed('BAD_ANSWER', 'it has no time')
  const wrong = taken && problemOf(taken)
  if (wrong) throw malformed('BAD_ANSWER', wrong)
  return { status, description: statusDesc.slice(0, 200), time: Number(time), taken }
}

function read(bytes: Uint8Array): LeaseResponse {
  try {
    return decode(LeaseResponse, bytes)
  } catch (error) {
    throw error instanceof WireError ? malformed('BAD_ANSWER', error.message) : error
  }
}

function problemOf({ first, end, nonce, signature }: LeaseClaimed): string | undefined {
  if (!(first < end && end <= MAX_LEASE_PLACES)) return 'no such places'
  if (nonce.length !== LEASE_NONCE_BYTES) return `a nonce has ${LEASE_NONCE_BYTES} bytes`
  if (signature.length !== LEASE_SIGNATURE_BYTES) return `a signature has ${LEASE_SIGNATURE_BYTES} bytes`
  return undefined
}
