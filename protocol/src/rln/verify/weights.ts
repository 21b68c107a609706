/** Bytes of a weight: 128 bits are the soundness of a batch. */
export const WEIGHT_BYTES = 16
/** What getRandomValues gives at a time. */
const MAX_DRAW = 65_536

/** Draws `count` weights from the system's generator, one behind the other. Called after the claims they weigh have come. */
export function drawWeights(count: number): Uint8Array {
  const bytes = new Uint8Array(count * WEIGHT_BYTES)
  for (let at = 0; at < bytes.length; at += MAX_DRAW)
    globalThis.crypto.getRandomValues(bytes.subarray(at, at + MAX_DRAW))
  return bytes
}
