import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, hexToBytes, type Hex } from 'viem'
import type { Account } from '../account/account.ts'
import { utf8 } from '../account/text.ts'

const INFO = 'teahouse/envelope/order/1'

/**
 * The order in which an account tries the shares of an envelope: by HKDF-SHA256 of its gift key with the envelope's name as salt. The same on every device of the
 * account, so two of them claim the same share, and the contract pays it once; of two accounts as if drawn, so they seldom want the same one.
 */
export function inOwnOrder<T extends { readonly index: number }>(
  shares: readonly T[],
  envelope: Hex,
  { giftKey }: Pick<Account, 'giftKey'>,
): T[] {
  const rank = ({ index }: T): string =>
    bytesToHex(hkdf(sha256, giftKey, hexToBytes(envelope), utf8(`${INFO}/${index}`), 16))
  const ranked = shares.map((share) => ({ share, rank: rank(share) }))
  return ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1)).map(({ share }) => share)
}
