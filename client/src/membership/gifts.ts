import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { abis } from '@teahouse/protocol/chain'
import type { DeploymentAbis } from '@teahouse/protocol/chain/deployments'
import { envelopeId, MAX_LIFETIME_SECONDS, signClaim } from '@teahouse/protocol/envelopes'
import { accountOfKey } from '@teahouse/protocol/keys'
import { bytesToHex, formatEther, hexToBytes, isAddressEqual, type Hex } from 'viem'
import type { Account } from '../account/account.ts'
import { envelopeOf, giftKey, giftOf, type Gift } from '../account/contact/gift.ts'
import { utf8 } from '../account/text.ts'
import { createChain, type Chain, type TxResult } from '../chain/chain.ts'
import { CallError } from '../chain/errors.ts'
import { approve, requireTokens } from '../chain/token.ts'
import { exitEvents } from '../exit/events.ts'
import { MembershipError } from './errors.ts'
import { GiftError } from './gift-errors.ts'
import type { JoinResult, Membership } from './membership.ts'

/** `taken`: by the account that asks; `gone`: taken back by the giver, or never made. */
export type GiftState = 'open' | 'expired' | 'taken' | 'claimed' | 'gone'

export interface GiftsDeps {
  readonly chain: Chain
  readonly account: Account
  readonly membership: Membership
}

export interface MakeGift {
  readonly rateLimit: number
  /** How long it can be claimed; 30 days by default. */
  readonly validSeconds?: number
  /** Native coin (wei) for the newcomer's transactions; enough for them several times over by default. */
  readonly coins?: bigint
}

/** The same but for Solidity's names of types. */
const ABIS = abis as unknown as DeploymentAbis
const DEFAULT_SECONDS = 30 * 86_400
/** Claiming, moving the coins, approving and registering, with room for a chain that counts more. */
const CLAIM_GAS = 500_000n
/** Approving, making the envelope and sending the coins. */
const MAKE_GAS = 400_000n
/** Fees may rise this much until the gift is claimed. */
const FEE_MARGIN = 3n
const INFO = utf8('teahouse/gift/1')
const SALT_BYTES = 32

/**
 * Memberships as gifts: a red envelope with one share pays deposit and fee, and its claim key holds the coins for the
 * newcomer's transactions. The secrets follow from the giver's phrase and the envelope's salt, so nothing has to be kept.
 */
export function createGifts({ chain, account, membership }: GiftsDeps) {
  const { chainId, contracts } = chain.network
  const envelopes = contracts.RedEnvelope
  const idOf = (gift: Gift): Hex => envelopeId(envelopes, chainId, envelopeOf(gift).terms)

  const secretOf = (salt: Hex): Uint8Array => hkdf(sha256, account.giftKey, hexToBytes(salt), INFO, 32)

  const events = (toBlock: bigint) =>
    exitEvents({ reader: chain.reader, addresses: contracts, abis: ABIS, fromBlock: 0n, toBlock })

  async function make({ rateLimit, validSeconds = DEFAULT_SECONDS, coins }: MakeGift): Promise<Gift> {
    if (!Number.isInteger(validSeconds) || validSeconds < 60 || validSeconds > MAX_LIFETIME_SECONDS) {
      const message = `A gift can be claimed for 60 to ${MAX_LIFETIME_SECONDS} seconds`
      throw new GiftError(message, { code: 'BAD_LIFETIME', seconds: validSeconds })
    }
    const { deposit, fee } = await membership.price(rateLimit)
    const amount = deposit + fee
    await requireTokens(chain, amount)
    const { maxFeePerGas } = await chain.read('read the fees', () => chain.reader.estimateFeesPerGas())
    const enough = coins ?? maxFeePerGas * CLAIM_GAS * FEE_MARGIN
    await requireCoins(enough + maxFeePerGas * MAKE_GAS)
    const { timestamp } = await chain.head()
    const salt = bytesToHex(crypto.getRandomValues(new Uint8Array(SALT_BYTES)))
    const expiry = timestamp + validSeconds
    const creator = account.address
    const secret = secretOf(salt)
    const gift = giftOf({ chainId, envelopes, creator, amount, expiry, salt, rateLimit, secret })
    await approve(chain, 'RedEnvelope', amount)
    const args = [envelopeOf(gift).terms]
    await chain.write({ action: 'make the gift', contract: 'RedEnvelope', functionName: 'create', args })
    await chain.sendCoins(accountOfKey(giftKey(gift)).address, enough)
    return gift
  }

  /** An envelope whose coins can't be paid would be a gift that a newcomer can't claim. */
  async function requireCoins(needed: bigint): Promise<void> {
    const { address } = account
    const balance = await chain.read('read the balance', () => chain.reader.getBalance({ address }))
    if (balance >= needed) return
    const message = `The gift takes ${formatEther(needed)} coins, gas included; the account has ${formatEther(balance)}`
    throw new CallError(message, { code: 'NO_GAS', action: 'make the gift' })
  }

  /** Throws GiftError WRONG_NETWORK, CallError. */
  async function state(gift: Gift): Promise<GiftState> {
    checkNetwork(gift)
    const id = idOf(gift)
    const { left, claimed } = await chain.read('read the gift', () =>
      chain.contracts.RedEnvelope.read.envelope([id]),
    )
    const { number, timestamp } = await chain.head()
    if (left > 0n) return timestamp < gift.expiry ? 'open' : 'expired'
    if (claimed === 0n) return 'gone'
    const [found] = await chain.read('read who claimed the gift', () =>
      events(number)('RedEnvelope', 'ShareClaimed', { envelope: id }),
    )
    const recipient = found?.args.recipient
    if (recipient && isAddressEqual(recipient, gift.creator)) return 'gone'
    return recipient && isAddressEqual(recipient, account.address) ? 'taken' : 'claimed'
  }

  function checkNetwork(gift: Gift): void {
    if (gift.chainId === chainId && isAddressEqual(gift.envelopes, envelopes)) return
    throw new GiftError(`The gift is of another network (chain ${gift.chainId})`, {
      code: 'WRONG_NETWORK',
      chainId: gift.chainId,
      envelopes: gift.envelopes,
    })
  }

  /** Pays the share to this account. Sent by `sender`, who pays the gas. */
  async function takeShare(gift: Gift, sender: Chain): Promise<TxResult> {
    const { terms, share } = envelopeOf(gift)
    const signature = await signClaim(giftKey(gift), envelopes, chainId, idOf(gift), account.address)
    const args = [terms, share, [], account.address, signature]
    const call = { contract: 'RedEnvelope', functionName: 'claimShare', args } as const
    try {
      return await sender.write({ action: 'claim the gift', ...call })
    } catch (error) {
      throw giftRefusal(error, gift)
    }
  }

  /** The giver's coins may not be enough by now: then this account's are, if it has any. */
  function orOwnCoins(error: unknown, gift: Gift): Promise<TxResult> {
    if (isWithoutCoins(error)) return takeShare(gift, chain)
    throw error
  }

  /** The coins that are left with the claim key. False if there are not enough to be sent. */
  async function takeCoins(key: Chain): Promise<boolean> {
    try {
      await key.sendAllCoins(account.address)
      return true
    } catch (error) {
      if (isWithoutCoins(error)) return false
      throw error
    }
  }

  return {
    make,
    state,
    /**
     * Takes the gift and joins with it; the coins that are left become the newcomer's. Can be called again after a failure on the
     * way. Throws GiftError, MembershipError ALREADY_MEMBER, CallError.
     */
    async claim(gift: Gift, { home }: { home?: number } = {}): Promise<JoinResult> {
      const found = await state(gift)
      const own = await membership.status()
      if (own.state !== 'none') {
        const message = 'This account has a membership; give the invitation to somebody who has none'
        throw new MembershipError(message, { code: 'ALREADY_MEMBER', index: own.index! })
      }
      if (found !== 'open' && found !== 'taken') throw unusable(found, gift)
      const { deposit, fee } = await membership.price(gift.rateLimit)
      if (deposit + fee > gift.amount) {
        const detail = { code: 'TOO_LITTLE', amount: gift.amount, price: deposit + fee } as const
        throw new GiftError('The gift no longer pays for a membership', detail)
      }
      const key = createChain(chain.network, accountOfKey(giftKey(gift)), chain.way)
      if (found === 'open') await takeShare(gift, key).catch((error) => orOwnCoins(error, gift))
      await takeCoins(key)
      return membership.join({ rateLimit: gift.rateLimit, ...(home !== undefined && { home }) })
    },
    /** The gifts that this account made, found by the chain and the phrase alone. */
    async list(): Promise<readonly { readonly gift: Gift; readonly state: GiftState }[]> {
      const { number } = await chain.head()
      const unit = await membership.price(1)
      const created = await chain.read('read the gifts', () =>
        events(number)('RedEnvelope', 'EnvelopeCreated', { creator: account.address }),
      )
      const gifts = created.flatMap(({ args: { terms } }) => {
        const { creator, amount, expiry, salt } = terms
        const rateLimit = Number(amount / (unit.deposit + unit.fee))
        const secret = secretOf(salt)
        const gift = giftOf({ chainId, envelopes, creator, amount, expiry, salt, rateLimit, secret })
        return envelopeOf(gift).terms.root === terms.root ? [gift] : []
      })
      return Promise.all(gifts.map(async (gift) => ({ gift, state: await state(gift) })))
    },
    /**
     * Takes an unclaimed gift back, with its coins: before it expires with its claim key, afterwards as the contract's refund.
     * @throws GiftError NOT_THE_GIVER, ALREADY_CLAIMED, TAKEN_BACK.
     */
    async takeBack(gift: Gift): Promise<void> {
      if (!isAddressEqual(gift.creator, account.address)) {
        const detail = { code: 'NOT_THE_GIVER', creator: gift.creator } as const
        throw new GiftError('Only who made a gift can take it back', detail)
      }
      const found = await state(gift)
      const key = createChain(chain.network, accountOfKey(giftKey(gift)), chain.way)
      if (found === 'claimed') throw unusable(found, gift)
      if (found === 'open') await takeShare(gift, chain)
      if (found === 'expired') await refund(gift)
      const hadCoins = await takeCoins(key)
      if (found === 'gone' && !hadCoins) throw unusable(found, gift)
    },
  }

  function refund(gift: Gift): Promise<TxResult> {
    const args = [envelopeOf(gift).terms]
    return chain.write({
      action: 'take the gift back',
      contract: 'RedEnvelope',
      functionName: 'refund',
      args,
    })
  }
}

const isWithoutCoins = (error: unknown): boolean => error instanceof CallError && error.code === 'NO_GAS'

function unusable(state: Exclude<GiftState, 'open' | 'taken'>, { expiry }: Gift): GiftError {
  if (state === 'claimed') return new GiftError('Somebody has claimed this gift', { code: 'ALREADY_CLAIMED' })
  if (state === 'expired') {
    const until = new Date(expiry * 1000).toISOString()
    return new GiftError(`The gift could be claimed until ${until}`, { code: 'GIFT_EXPIRED', expiry })
  }
  return new GiftError('The gift was taken back', { code: 'TAKEN_BACK' })
}

/** What the contract refuses when somebody was faster. */
function giftRefusal(error: unknown, gift: Gift): unknown {
  const reason = error instanceof CallError && error.detail.code === 'REVERTED' ? error.detail.reason : ''
  if (reason === 'AlreadyClaimed' || reason === 'NothingLeft') return unusable('claimed', gift)
  return reason === 'EnvelopeExpired' ? unusable('expired', gift) : error
}
