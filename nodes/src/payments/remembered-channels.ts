import type { Address } from 'viem'
import type { Channel, ReadChannel } from './channel-reader.ts'

export interface RememberedInit {
  /** How long a payer who closes a channel has to wait for the rest. */
  readonly thawSeconds: number
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Payers that are remembered; the one that was read longest ago is forgotten first. */
  readonly most?: number
}

/**
 * Reads channels, and while the chain does not answer gives them as they were read last, for half a thaw: until then its payer can have taken
 * nothing out, since an allocation only grows, its signer stays, and a thaw that has begun since is not over for another half. A channel that was
 * closed, or closing, is not given so. Throws what `read` throws.
 */
export function rememberedChannels(
  read: ReadChannel,
  { thawSeconds, now, most = 10_000 }: RememberedInit,
): ReadChannel {
  const known = new Map<Address, { readonly channel: Channel; readonly at: number }>()
  const trustMs = thawSeconds * 500

  return async (payer) => {
    const key = payer.toLowerCase() as Address
    const at = now()
    try {
      const channel = await read(payer)
      known.delete(key)
      if (BigInt(channel.signer) !== 0n && channel.thawingUntil === 0) known.set(key, { channel, at })
      if (known.size > most) known.delete(known.keys().next().value!)
      return channel
    } catch (error) {
      const last = known.get(key)
      const age = last ? now() - last.at : Infinity
      if (last && age >= 0 && age <= trustMs) return last.channel
      throw error
    }
  }
}
