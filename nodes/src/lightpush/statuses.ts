import { isTeahouseError } from '@teahouse/protocol/errors'
import { WireError } from '@teahouse/protocol/wire'
import { Refusal } from '../net/index.ts'
import type { Verdict, VerdictCode } from '../rln/verdict.ts'
import { ArchiveError } from '../store/index.ts'

/** Status codes of `/vac/waku/lightpush/3.0.0`, by nwaku's names. */
export const STATUS = {
  SUCCESS: 200,
  BAD_REQUEST: 400,
  PAYLOAD_TOO_LARGE: 413,
  INVALID_MESSAGE: 420,
  UNSUPPORTED_PUBSUB_TOPIC: 421,
  TOO_MANY_REQUESTS: 429,
  INTERNAL_SERVER_ERROR: 500,
  SERVICE_NOT_AVAILABLE: 503,
  OUT_OF_RLN_PROOF: 504,
  NO_PEERS_TO_RELAY: 505,
} as const

export type StatusName = keyof typeof STATUS

/** The name of a status; that of a fault for one that is none of them. */
export function statusName(status: number): StatusName {
  const named = Object.entries(STATUS).find(([, value]) => value === status)
  return named ? (named[0] as StatusName) : 'INTERNAL_SERVER_ERROR'
}

/** A refusal with the status of that name. */
export function refusal(name: StatusName, description: string, cause?: unknown): Refusal {
  return new Refusal(STATUS[name], `${name}: ${description}`, cause === undefined ? {} : { cause })
}

/** Codes of verdicts that have a status of their own; all others are INVALID_MESSAGE. */
const STATUS_OF_VERDICT: Partial<Record<VerdictCode, StatusName>> = {
  TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  WRONG_SHARD: 'UNSUPPORTED_PUBSUB_TOPIC',
  MEMBERSHIP_UNKNOWN: 'SERVICE_NOT_AVAILABLE',
  OVERLOADED: 'SERVICE_NOT_AVAILABLE',
  DISK_FULL: 'SERVICE_NOT_AVAILABLE',
  FORGOTTEN: 'SERVICE_NOT_AVAILABLE',
  STOPPING: 'SERVICE_NOT_AVAILABLE',
}

/** The refusal for a verdict other than accept; the description is the verdict's code. */
export function refusalOf({ code }: Verdict): Refusal {
  return refusal(STATUS_OF_VERDICT[code] ?? 'INVALID_MESSAGE', code)
}

/** The refusal that an error of reading, checking or proving is answered with. */
export function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof WireError) {
    return refusal(error.code === 'TOO_LARGE' ? 'PAYLOAD_TOO_LARGE' : 'BAD_REQUEST', error.message, error)
  }
  if (isTeahouseError(error) && (error.code === 'OUT_OF_RLN_PROOF' || error.code === 'NO_MEMBERSHIP')) {
    return refusal('OUT_OF_RLN_PROOF', error.message, error)
  }
  if (isTeahouseError(error) && error.code === 'LATE') {
    return refusal('INVALID_MESSAGE', 'TIMESTAMP_OUT_OF_WINDOW', error)
  }
  if (error instanceof ArchiveError) {
    const why = error.code === 'DISK_FULL' ? 'DISK_FULL' : 'the message could not be kept'
    return refusal('SERVICE_NOT_AVAILABLE', why, error)
  }
  return refusal('INTERNAL_SERVER_ERROR', 'the message could not be processed', error)
}
