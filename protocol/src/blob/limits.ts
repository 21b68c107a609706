/** Largest blob, in bytes. */
export const MAX_BLOB_BYTES = 64 * 1024
/** Largest request of /teahouse/blob/1, in bytes. */
export const MAX_BLOB_REQUEST_BYTES = MAX_BLOB_BYTES + 1024
/** Largest answer, in bytes. */
export const MAX_BLOB_ANSWER_BYTES = MAX_BLOB_BYTES + 1024
/** Roots in one question for what is there. */
export const MAX_BLOB_ROOTS = 64

/** Status codes of the protocol. */
export const BLOB_STATUS = {
  ok: 200,
  /** Malformed: no blob of 1 to 65,536 bytes, a time that is over, an address that is none. */
  badRequest: 400,
  /** Not there: never, not any more, or its time is over. */
  notFound: 404,
  /** The node keeps nothing for so long. */
  tooLong: 416,
  tooManyRequests: 429,
  unavailable: 503,
  /** The node has no room; nothing was charged. */
  noRoom: 507,
} as const
