import { isShareOf, signClaim, type Share, type Terms } from '@teahouse/protocol/envelopes'
import { isAddressEqual, type Address, type Hex } from 'viem'
import type { Account } from '../account/account.ts'
import type { Call } from '../chain/call.ts'
import type { Chain, TxResult } from '../chain/chain.ts'
import { CallError } from '../chain/errors.ts'
import { KNOWN_TRANSACTION } from '../chain/known-transaction.ts'
import type { Addresses } from '../money/addresses.ts'
import type { EnvelopeBook, OpenedEnvelope } from './book.ts'
import { shareIn, wholeOf, type EnvelopeContent } from './content.ts'
import { EnvelopesError } from './errors.ts'
import type { ReadArtifact } from './gate.ts'
import type { EnvelopeLedger, OnChain, PaidShare } from './ledger.ts'
import { inOwnOrder } from './order.ts'
import { sleep } from '../sleep.ts'

export interface OpenOptions {
  /** Whom the share is paid to; this account, or for a group's envelope an address that nobody has seen, by default. */
  readonly recipient?: Address | undefined
  /** Has a node send it even if the account has coins; by default for a group's envelope, if nodes can be asked. */
  readonly relayed?: boolean | undefined
}

/** A share that came. */
export interface Opened {
  readonly envelope: Hex
  readonly recipient: Address
  /** In the token's smallest unit. */
  readonly amount: bigint
  readonly hash: Hex
  /** An earlier call or process had sent it. */
  readonly resumed: boolean
}

export interface OpeningDeps {
  readonly chain: Chain
  readonly account: Account
  readonly addresses: Addresses
  readonly book: EnvelopeBook
  readonly ledger: EnvelopeLedger
  readonly readArtifact: ReadArtifact | undefined
}

/** One share, with what claims it. */
interface Claimable {
  readonly share: Share
  readonly path: readonly Hex[]
  readonly key: Hex
}

interface Claim {
  readonly id: Hex
  readonly terms: Terms
  readonly recipient: Address
  readonly relayed: boolean
}

const isFree = (claimed: bigint, index: number): boolean => ((claimed >> BigInt(index)) & 1n) === 0n

/** How long another device's transaction is waited for. */
const [LOOKS, PAUSE_MS] = [60, 1_000]

/** Opens envelopes, each once: what is claimed for whom is on disk before it is sent, and the contract pays a share once. */
export function createOpening({ chain, account, addresses, book, ledger, readArtifact }: OpeningDeps) {
  const { chainId } = chain.network
  const { address: envelopes } = chain.contracts.RedEnvelope

  const send = (call: Call, { relayed }: Claim): Promise<TxResult> =>
    relayed ? chain.writeRelayed(call) : chain.write(call)

  /** This account's share, by its addresses. */
  async function ownShare(id: Hex, begun: OpenedEnvelope | undefined): Promise<PaidShare | undefined> {
    const paid = await ledger.paid(id)
    if (paid.length === 0) return undefined
    const own = [
      ...(await addresses.all()).map(({ address }) => address),
      ...(begun ? [begun.recipient] : []),
    ]
    return paid.find(({ recipient }) => own.some((one) => isAddressEqual(one, recipient)))
  }

  /** Shares of a content that are free, in this account's order. */
  function claimable(
    id: Hex,
    content: Exclude<EnvelopeContent, { kind: 'gated' }>,
    { claimed }: OnChain,
  ): Claimable[] {
    if (content.kind === 'share') {
      const { path, key, index } = content
      return isFree(claimed, index) ? [{ share: shareIn(content), path, key }] : []
    }
    const { shares, tree, keyOf } = wholeOf(content, content.split, content.secret)
    const free = shares.filter(({ index }) => isFree(claimed, index))
    return inOwnOrder(free, id, account).map((share) => ({
      share,
      path: tree.path(share.index),
      key: keyOf(share.index),
    }))
  }

  async function claimShare(claim: Claim, { share, path, key }: Claimable): Promise<TxResult> {
    const { id, terms, recipient } = claim
    if (!isShareOf(terms.root, share, path)) {
      const message = 'What was sent is no share of the envelope that it names'
      throw new EnvelopesError(message, { code: 'NOT_A_SHARE', envelope: id })
    }
    const signature = await signClaim(key, envelopes, chainId, id, recipient)
    const args = [terms, share, path, recipient, signature]
    const call = {
      action: 'open the envelope',
      contract: 'RedEnvelope',
      functionName: 'claimShare',
      args,
    } as const
    return await send(call, claim)
  }

  /**
   * Takes one share after the other until one is paid: another opener may be faster. Whatever else opens it for this account at the same time,
   * here or on another device, goes by the same order, and so claims the same share: it goes on only if somebody else had that.
   */
  async function takeOne(
    claim: Claim,
    candidates: readonly Claimable[],
    begun: OpenedEnvelope,
  ): Promise<void> {
    const { id } = claim
    const left = new Map(candidates.map((one) => [one.share.index, one]))
    let now = begun
    while (now.hash === undefined) {
      const { index } = now
      const one = index === undefined ? undefined : left.get(index)
      if (one && (await isPaid(claim, one))) return
      if (index !== undefined && (await ownShare(id, begun))) return // an earlier transaction of this account
      if (one) left.delete(one.share.index)
      const [next] = left.keys()
      if (next === undefined) throw allTaken(id)
      now = await book.moveOn(id, index, next)
    }
  }

  async function isPaid(claim: Claim, one: Claimable): Promise<boolean> {
    try {
      await claimShare(claim, one)
      return true
    } catch (error) {
      if (isTaken(error) && (await comes(() => isGone(claim, one)))) return false
      if (isTheSame(error) && (await comes(() => hasOwn(claim)))) return true
      throw error
    }
  }

  /** A node refuses a share already when a transaction that waits takes it; whose that is can be seen only once it is in a block. */
  async function isGone({ id, terms }: Claim, { share }: Claimable): Promise<boolean> {
    const { state, claimed } = await ledger.look(id, terms)
    return state !== 'open' || !isFree(claimed, share.index)
  }

  /** What another device has sent, the same transaction byte for byte, brings it. */
  const hasOwn = async ({ id }: Claim): Promise<boolean> =>
    (await ownShare(id, await book.opened(id))) !== undefined

  async function comes(isThere: () => Promise<boolean>): Promise<boolean> {
    for (let look = 0; look < LOOKS; look++) {
      if (await isThere()) return true
      await sleep(PAUSE_MS)
    }
    return false
  }

  async function takeGated(
    claim: Claim,
    content: Extract<EnvelopeContent, { kind: 'gated' }>,
    begun: OpenedEnvelope,
  ): Promise<void> {
    if (!readArtifact)
      throw new EnvelopesError('This client can make no proofs for groups', { code: 'NO_GATE' })
    const { id, terms, recipient } = claim
    const { proveMembership } = await import('./gate.ts')
    const { nullifier, points } = await proveMembership(readArtifact, account, content, {
      envelope: id,
      recipient,
    })
    const args = [terms, recipient, nullifier, points]
    const call = {
      action: 'open the envelope',
      contract: 'RedEnvelope',
      functionName: 'claimGatedShare',
      args,
    } as const
    try {
      await send(call, claim)
    } catch (error) {
      if (!isTaken(error)) throw error
      if (await ownShare(id, begun)) return
      throw reasonOf(error) === 'NullifierUsed' ? alreadyOpened(id, undefined) : allTaken(id)
    }
  }

  async function claimFrom(content: EnvelopeContent, claim: Claim, found: OnChain): Promise<void> {
    const { id, recipient } = claim
    const begun = await book.beginOpening(id, { recipient })
    const sure = { ...claim, recipient: begun.recipient }
    if (content.kind === 'gated') return await takeGated(sure, content, begun)
    const candidates = claimable(id, content, found)
    if (candidates.length === 0) throw allTaken(id)
    await takeOne(sure, candidates, begun)
  }

  return {
    /**
     * Takes this account's share of an envelope, or the next free one of an open link. Opening the same again pays nothing: after a crash it tells of
     * the share that came (`resumed`), else it throws ALREADY_OPENED.
     * @throws EnvelopesError, EnvelopeError NOT_A_MEMBER, CallError, ChainNodesError.
     */
    async open(content: EnvelopeContent, options: OpenOptions = {}): Promise<Opened> {
      const { id, terms } = ledger.nameOf(content)
      const begun = await book.opened(id)
      if (begun?.hash) throw alreadyOpened(id, begun.hash)
      // In this order: whose the shares are that are gone is known, another device's included.
      const found = await ledger.look(id, terms)
      const had = await ownShare(id, begun)
      if (had && !begun) throw alreadyOpened(id, had.hash)
      if (!had) {
        requireOpen(id, terms, found)
        const isGated = content.kind === 'gated'
        const recipient =
          options.recipient ?? begun?.recipient ?? (isGated ? await addresses.fresh() : account.address)
        const relayed = options.relayed ?? (isGated && chain.hasRelay)
        await claimFrom(content, { id, terms, recipient, relayed }, found)
      }
      const share = had ?? (await ownShare(id, await book.opened(id)))
      if (!share)
        throw new EnvelopesError('The share is not to be seen on the chain', {
          code: 'UNKNOWN_ENVELOPE',
          envelope: id,
        })
      const { recipient, amount, hash } = share
      await book.setOpened(id, { recipient, hash })
      return { envelope: id, recipient, amount, hash, resumed: had !== undefined }
    },
  }
}

/** Throws EnvelopesError unless it can be opened. */
function requireOpen(id: Hex, { expiry }: Terms, { state }: OnChain): void {
  if (state === 'open') return
  if (state === 'empty') throw allTaken(id)
  if (state === 'unknown') {
    const message = 'The chain has no such envelope (yet)'
    throw new EnvelopesError(message, { code: 'UNKNOWN_ENVELOPE', envelope: id })
  }
  const until = new Date(expiry * 1_000).toISOString()
  const message = `The envelope could be opened until ${until}`
  throw new EnvelopesError(message, { code: 'ENVELOPE_EXPIRED', envelope: id, expiry })
}

const reasonOf = (error: unknown): string =>
  error instanceof CallError && error.detail.code === 'REVERTED' ? error.detail.reason : ''

function isTheSame(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (KNOWN_TRANSACTION.test(at.message)) return true
  return false
}

/** What the contract says when somebody was faster; `REVERTED` alone if it was mined and refused. */
const isTaken = (error: unknown): boolean =>
  ['AlreadyClaimed', 'NothingLeft', 'NullifierUsed', 'reverted when mined'].includes(reasonOf(error))

const allTaken = (envelope: Hex): EnvelopesError =>
  new EnvelopesError('Nothing is left: others were faster', { code: 'ALL_TAKEN', envelope })

const alreadyOpened = (envelope: Hex, hash: Hex | undefined): EnvelopesError =>
  new EnvelopesError(`This account has had its share of the envelope${hash ? ` (${hash})` : ''}`, {
    code: 'ALREADY_OPENED',
    envelope,
    hash,
  })
