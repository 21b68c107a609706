import type { Hex } from 'viem'

/** Content that a court may ask for, by the root of its tree (`contentTree`). */
export interface ContentSource {
  /** All of it, also when its paid time is over but it is held. */
  read(root: Hex): Promise<Uint8Array | undefined>
  /** Keeps it at least until then, in unix seconds, whatever was paid; on disk when it resolves. Throws BlobError NOT_FOUND. */
  holdUntil(root: Hex, unixSeconds: number): Promise<void>
}
