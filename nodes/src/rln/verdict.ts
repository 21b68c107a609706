/**
 * What to do with a message: `accept` it, `ignore` it (not forwarded, nobody is blamed), or `reject` it (the peer that sent it
 * is blamed, since it could have known).
 */
export type VerdictResult = 'accept' | 'ignore' | 'reject'

/** Why. The codes are counted and answered to light pushers. */
export type VerdictCode =
  | 'OK'
  /** The lasting copy of a message of which an ephemeral copy was accepted before. */
  | 'OK_LASTING'
  | 'TOO_LARGE'
  | 'MALFORMED'
  | 'INVALID_TOPIC'
  | 'WRONG_SHARD'
  | 'UNBOUND_META'
  | 'NO_TIMESTAMP'
  | 'TIMESTAMP_OUT_OF_WINDOW'
  | 'NO_PROOF'
  | 'MALFORMED_PROOF'
  | 'WRONG_RLN_IDENTIFIER'
  | 'X_MISMATCH'
  | 'EPOCH_OUT_OF_WINDOW'
  | 'MEMBERSHIP_UNKNOWN'
  | 'UNKNOWN_ROOT'
  | 'EXPIRED_ROOT'
  | 'REVEALED_SECRET'
  | 'DUPLICATE'
  | 'INVALID_PROOF'
  | 'RATE_EXCEEDED'
  /** Too many proofs wait to be verified; nobody is blamed. */
  | 'OVERLOADED'
  /** There is no room to keep it. */
  | 'DISK_FULL'
  /** The operator keeps it no more, or follows a deny list that names it. */
  | 'FORGOTTEN'
  /** Its sender has been turned away since. */
  | 'SENDER_REFUSED'
  | 'STOPPING'

export interface Verdict {
  readonly result: VerdictResult
  readonly code: VerdictCode
}
