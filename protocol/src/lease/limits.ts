/** Largest request of /teahouse/lease/1, in bytes. */
export const MAX_LEASE_REQUEST_BYTES = 256
/** Largest answer, in bytes. */
export const MAX_LEASE_ANSWER_BYTES = 512
/** Places of one key's list, at most; a membership has at most 600 message ids. */
export const MAX_LEASE_PLACES = 2 ** 16
export const LEASE_KEY_BYTES = 32
export const LEASE_NONCE_BYTES = 16
export const LEASE_SIGNATURE_BYTES = 64

/** Status codes of the protocol. */
export const LEASE_STATUS = {
  ok: 200,
  /** Malformed, or not signed by its key. */
  badRequest: 400,
  /** Places from the claim's first one on are claimed already; `taken` shows the owner's own signature for it. */
  taken: 409,
  /** The epoch is over, or too far ahead, by the node's clock. */
  wrongEpoch: 410,
  tooManyRequests: 429,
  unavailable: 503,
} as const
