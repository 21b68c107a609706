/** Largest request of /teahouse/chain/1, in bytes. */
export const MAX_CHAIN_REQUEST_BYTES = 16 * 1024
/** Largest answer, in bytes. */
export const MAX_CHAIN_ANSWER_BYTES = 1024 * 1024
/** Largest call data that is asked about, or sent for somebody, in bytes. */
export const MAX_CALL_BYTES = 8 * 1024
/** Blocks that one question about events may span. */
export const MAX_LOG_BLOCKS = 50_000n
/** Events in one answer, at most: whoever asks for more asks for fewer blocks. */
export const MAX_LOGS = 1_000
/** Topics of an event, and alternatives for each that a question may name. */
export const MAX_TOPICS = 4
export const MAX_ALTERNATIVES = 16

/** Status codes of the protocol. */
export const CHAIN_STATUS = {
  ok: 200,
  badRequest: 400,
  /** The block is not on the node's chain, or too old; the action is not known. */
  notFound: 404,
  /** The contract refuses the action; `revert` says with what. */
  reverted: 409,
  /** More than fits an answer. */
  tooLarge: 413,
  /** Not something that this node does for others: not in the list, too dear, its deadline too near. */
  notRelayed: 422,
  tooManyRequests: 429,
  unavailable: 503,
} as const
