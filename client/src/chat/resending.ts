import { isTeahouseError } from '@teahouse/protocol/errors'
import type { Hex } from 'viem'

/** What `resend` says of a message that no node will take any more. */
const GONE: ReadonlySet<string> = new Set(['EXPIRED', 'NOT_IN_OUTBOX'])

/** The message that waits in the outbox, if a node may still take it: a new one would cost another message id. */
export function hashOf(error: unknown): Hex | undefined {
  if (!isTeahouseError(error) || error.code !== 'NOT_SENT') return undefined
  return (error.detail as { messageHash?: Hex }).messageHash
}

/** Sends a message of the outbox again; false if it has become too old for any node, so that it has to be made anew. */
export async function resent(resend: (hash: Hex) => Promise<unknown>, hash: Hex): Promise<boolean> {
  try {
    await resend(hash)
    return true
  } catch (error) {
    if (isTeahouseError(error) && GONE.has(error.code)) return false
    throw error
  }
}

/** How long to wait after so many failures in a row, in milliseconds: twice as long each time. */
export const waitAfter = (failures: number, first: number, most: number): number =>
  Math.min(most, first * 2 ** (failures - 1))
