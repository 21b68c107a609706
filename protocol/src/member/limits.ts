import { BUCKET_DEPTH, TREE_DEPTH } from '../rln/index.ts'

/** Largest request of /teahouse/member/1, in bytes. */
export const MAX_MEMBER_REQUEST_BYTES = 256
/** Bytes of a snapshot in one answer, at most. */
export const SNAPSHOT_CHUNK_BYTES = 1024 * 1024
/** Changes in one answer, at most; a block is never split. */
export const MAX_CHANGES = 4_096
/** Blocks with changes in one answer, at most. */
export const MAX_CHANGE_BLOCKS = 1_024
/** Trees of a registry, at most: members are numbered with 32 bits. */
export const MAX_TREES = 2 ** (32 - TREE_DEPTH)
/** Siblings above a bucket. */
export const BUCKET_SIBLINGS = TREE_DEPTH - BUCKET_DEPTH
/** Largest answer, in bytes. */
export const MAX_MEMBER_ANSWER_BYTES = 2 * 1024 * 1024

/** Status codes of the protocol. */
export const MEMBER_STATUS = {
  ok: 200,
  badRequest: 400,
  /** The block, the snapshot or the bucket is not there (any more, or yet). */
  notFound: 404,
  tooManyRequests: 429,
  /** The node does not know all members yet, or something in it failed. */
  unavailable: 503,
} as const
