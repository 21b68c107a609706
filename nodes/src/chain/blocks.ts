import { BlockNotFoundError, type PublicClient } from 'viem'
import type { BlockRef } from './head.ts'

/** The header of a block, undefined if the chain has none of this number. Throws what viem throws otherwise. */
export async function blockRef(client: PublicClient, blockNumber: bigint): Promise<BlockRef | undefined> {
  try {
    return toRef(await client.getBlock({ blockNumber }))
  } catch (err) {
    if (err instanceof BlockNotFoundError) return undefined
    throw err
  }
}

function toRef(
  block: Pick<BlockRef, 'number' | 'hash' | 'parentHash'> & { readonly timestamp: bigint },
): BlockRef {
  const { number, hash, parentHash, timestamp } = block
  return { number, hash, parentHash, timestamp: Number(timestamp) }
}
