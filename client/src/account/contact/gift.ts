import { claimKey, sharesOf, shareTree, type Terms } from '@teahouse/protocol/envelopes'
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js'
import { getAddress, type Address, type Hex } from 'viem'
import { MAX_RATE_LIMIT } from '../../membership/limits.ts'

/**
 * A paid membership to give away: a red envelope with one share that pays deposit and fee, and the secret that its claim key
 * follows from. Whoever has the secret has the gift, so it is printed nowhere.
 */
export interface Gift {
  readonly chainId: number
  /** The RedEnvelope contract. */
  readonly envelopes: Address
  readonly creator: Address
  /** In the token's smallest unit. */
  readonly amount: bigint
  /** Unix seconds, until which it can be claimed. */
  readonly expiry: number
  readonly salt: Hex
  /** Messages an epoch that the amount is meant for. */
  readonly rateLimit: number
  /** 32 bytes; not enumerable. */
  readonly secret: Uint8Array
}

const SIZES = [8, 20, 20, 16, 5, 32, 2, 32] as const
const GIFT_BYTES = SIZES.reduce((sum, size) => sum + size, 0)

/** Keeps the secret where nothing prints it. */
export function giftOf({ secret, ...open }: Gift): Gift {
  return Object.defineProperty(open as Gift, 'secret', { value: secret })
}

/** The key that claims the gift. It also holds the coins that the claim costs. */
export const giftKey = ({ secret }: Gift): Hex => claimKey(secret, 0)

/** The envelope that a gift is in, and the share in it. */
export function envelopeOf({ creator, amount, expiry, salt, secret }: Omit<Gift, 'rateLimit'>) {
  const [share] = sharesOf([amount], secret)
  const { root } = shareTree([share!])
  const terms: Terms = { creator, amount, shares: 1, expiry, gated: false, root, salt }
  return { terms, share: share! }
}

/** 135 bytes: chain id, contract, creator, amount, expiry, salt, rate limit, secret; numbers big-endian. */
export function encodeGift(gift: Gift): Uint8Array {
  const { chainId, envelopes, creator, amount, expiry, salt, rateLimit, secret } = gift
  const values = [BigInt(chainId), envelopes, creator, amount, BigInt(expiry), salt, BigInt(rateLimit)]
  const parts = values.map((value, at) =>
    typeof value === 'bigint' ? numberBytes(value, SIZES[at]!) : hexToBytes(value.slice(2)),
  )
  return concatBytes(...parts, secret)
}

/** Undefined unless the bytes are a gift whose numbers a contract could hold. */
export function decodeGift(bytes: Uint8Array): Gift | undefined {
  if (bytes.length !== GIFT_BYTES) return undefined
  let at = 0
  const [chainId, envelopes, creator, amount, expiry, salt, rateLimit, secret] = SIZES.map((size) =>
    bytes.slice(at, (at += size)),
  ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  const chain = Number(numberOf(chainId))
  const limit = Number(numberOf(rateLimit))
  if (!Number.isSafeInteger(chain) || chain === 0 || numberOf(amount) === 0n) return undefined
  if (limit < 1 || limit > MAX_RATE_LIMIT || numberOf(expiry) === 0n) return undefined
  return giftOf({
    chainId: chain,
    envelopes: getAddress(`0x${bytesToHex(envelopes)}`),
    creator: getAddress(`0x${bytesToHex(creator)}`),
    amount: numberOf(amount),
    expiry: Number(numberOf(expiry)),
    salt: `0x${bytesToHex(salt)}`,
    rateLimit: limit,
    secret,
  })
}

const numberOf = (bytes: Uint8Array): bigint => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)

const numberBytes = (value: bigint, size: number): Uint8Array =>
  hexToBytes(value.toString(16).padStart(2 * size, '0'))
