/** Largest encoded WakuMessage, in bytes (64/WAKU2-NETWORK). */
export const MAX_MESSAGE_BYTES = 150 * 1024
/** Largest `meta` of a message, in bytes (14/WAKU2-MESSAGE). */
export const MAX_META_BYTES = 64
/** Longest content topic, in UTF-8 bytes. Ours: Waku sets none. */
export const MAX_CONTENT_TOPIC_BYTES = 1_024
/** Bytes of a message hash. */
export const MESSAGE_HASH_BYTES = 32
/** Room for the other fields beside one message in a light push or filter push frame, in bytes. */
export const MESSAGE_FRAME_OVERHEAD_BYTES = 4 * 1024
/** Largest frame that carries one message, in bytes. */
export const MAX_MESSAGE_FRAME_BYTES = MAX_MESSAGE_BYTES + MESSAGE_FRAME_OVERHEAD_BYTES
/** Largest request frame without a message in it, in bytes: 100 content topics of full length fit. */
export const MAX_REQUEST_FRAME_BYTES = 128 * 1024
/** Largest store answer, in bytes; below the 4 MiB that js-waku's frame reader accepts. */
export const MAX_STORE_FRAME_BYTES = 4 * 1024 * 1024 - 1024
/** Store pages: messages in a page when the request names no limit, and at most. */
export const STORE_PAGE = { default: 20, max: 100 } as const
/** Content topics in one store or filter request. */
export const MAX_CONTENT_TOPICS = 100
/** Content topics for which one endpoint is woken. */
export const MAX_WAKE_TOPICS = 64
/** Message hashes in one store lookup. */
export const MAX_MESSAGE_HASHES = 1_000
