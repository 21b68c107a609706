import { SNAPSHOT_CHUNK_BYTES } from '@teahouse/protocol/member'
import { z } from 'zod'
import { ServeConfig } from '../net/index.ts'

export const MemberConfig = ServeConfig.extend({
  /** Bytes of a snapshot in one answer. */
  chunkBytes: z.int().min(1_024).max(SNAPSHOT_CHUNK_BYTES).default(SNAPSHOT_CHUNK_BYTES),
  /** Blocks for which a signature is kept; a node signs a block once. */
  signedBlocks: z.int().positive().default(256),
})
