import { TeahouseError } from '../errors.ts'
import {
  decode,
  MAX_WAKE_TOPICS,
  parseContentTopic,
  WakeRequest,
  WakeResponse,
  WireError,
} from '../wire/index.ts'

/** Which messages wake whom. */
export interface WakeQuestion {
  /** URL of a push service. */
  readonly endpoint: string
  /** Empty: the endpoint is to be forgotten. */
  readonly topics: readonly string[]
  /** Unix seconds. */
  readonly until: number
}

export interface WakeAnswer {
  readonly status: number
  readonly description: string
  /** The key of the node's signals, P-256, uncompressed: `applicationServerKey` of a Web Push subscription. */
  readonly vapidKey: Uint8Array
  /** Unix seconds; 0 without a subscription. */
  readonly until: number
}

export const WAKE_STATUS = {
  ok: 200,
  badRequest: 400,
  refused: 403,
  tooMany: 429,
  full: 503,
  failed: 500,
} as const
/** Characters of an endpoint, at most. */
export const MAX_ENDPOINT = 1_024
/** Largest request of /teahouse/wake/1, in bytes. */
export const MAX_WAKE_REQUEST_BYTES = 16_384
/** Largest answer, in bytes. */
export const MAX_WAKE_ANSWER_BYTES = 512
const KEY_BYTES = 65

/** What came over /teahouse/wake/1 does not say what it has to. */
export class WakeWireError extends TeahouseError<{
  readonly code: 'BAD_REQUEST' | 'BAD_ANSWER'
  readonly what: string
}> {}

function malformed(code: 'BAD_REQUEST' | 'BAD_ANSWER', what: string): WakeWireError {
  return new WakeWireError(`This can't be used: ${what}`, { code, what })
}

/** Without a question, only the node's key is asked for. */
export function encodeWakeRequest(question?: WakeQuestion, requestId = ''): Uint8Array {
  const { endpoint = '', topics = [], until = 0 } = question ?? {}
  return WakeRequest.encode({ requestId, endpoint, contentTopics: [...topics], until: BigInt(until) })
}

/** Throws WakeWireError BAD_REQUEST, WireError MALFORMED. */
export function decodeWakeRequest(bytes: Uint8Array): { requestId: string; question?: WakeQuestion } {
  const read = decode(WakeRequest, bytes, { contentTopics: MAX_WAKE_TOPICS })
  const { requestId, endpoint, contentTopics: topics } = read
  if (endpoint === '') return { requestId }
  if (endpoint.length > MAX_ENDPOINT || !URL.canParse(endpoint))
    throw malformed('BAD_REQUEST', 'the endpoint is no URL')
  try {
    topics.forEach(parseContentTopic)
  } catch (error) {
    throw error instanceof WireError ? malformed('BAD_REQUEST', error.message) : error
  }
  return { requestId, question: { endpoint, topics, until: seconds(read.until, 'BAD_REQUEST') } }
}

export function encodeWakeAnswer(answer: WakeAnswer, requestId = ''): Uint8Array {
  const { status: statusCode, description: statusDesc, vapidKey, until } = answer
  return WakeResponse.encode({ requestId, statusCode, statusDesc, vapidKey, until: BigInt(until) })
}

/** Throws WakeWireError BAD_ANSWER. */
export function decodeWakeAnswer(bytes: Uint8Array): WakeAnswer {
  const { statusCode: status, statusDesc, vapidKey, until } = readAnswer(bytes)
  if (vapidKey.length !== KEY_BYTES || vapidKey[0] !== 4) throw malformed('BAD_ANSWER', 'it has no key')
  return { status, description: statusDesc.slice(0, 200), vapidKey, until: seconds(until, 'BAD_ANSWER') }
}

function readAnswer(bytes: Uint8Array): WakeResponse {
  try {
    return decode(WakeResponse, bytes)
  } catch (error) {
    throw error instanceof WireError ? malformed('BAD_ANSWER', error.message) : error
  }
}

function seconds(value: bigint, code: 'BAD_REQUEST' | 'BAD_ANSWER'): number {
  if (value > 2n ** 40n) throw malformed(code, 'a time is too far away')
  return Number(value)
}
