import { GiftError, type Client, type Gift, type GiftState } from '@teahouse/client'

interface ListedGift {
  readonly gift: Gift
  readonly state: GiftState
}

/** A gift that could not be taken back, and why. */
interface RefusedGift {
  readonly gift: Gift
  readonly reason: unknown
}

/** `gone`: its tokens are back, but perhaps not its coins. */
const TAKEN_BACK: readonly GiftState[] = ['open', 'expired', 'gone']

/** Takes back what nobody has claimed. One that can't be had stops none of the others. */
export async function takeBackAll(
  gifts: Pick<Client['gifts'], 'takeBack'>,
  found: readonly ListedGift[],
): Promise<RefusedGift[]> {
  const refused: RefusedGift[] = []
  for (const { gift, state } of found) {
    if (!TAKEN_BACK.includes(state)) continue
    try {
      await gifts.takeBack(gift)
    } catch (cause) {
      if (isOver(cause)) continue
      refused.push({ gift, reason: cause })
    }
  }
  return refused
}

/** Nothing of it is left, or somebody was faster: the list shows that. */
const isOver = (error: unknown): boolean =>
  error instanceof GiftError && (error.code === 'TAKEN_BACK' || error.code === 'ALREADY_CLAIMED')
