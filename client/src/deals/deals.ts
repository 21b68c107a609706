import { randomBytes } from '@noble/hashes/utils.js'
import { bytesToHex, isAddressEqual, zeroAddress, type Address, type Hex } from 'viem'
import type { Account } from '../account/account.ts'
import type { Chain, TxResult } from '../chain/chain.ts'
import { CallError } from '../chain/errors.ts'
import { approve, requireTokens } from '../chain/token.ts'
import type { KeyValueStore } from '../storage/store.ts'
import { openingDeals } from './opening.ts'
import { dealReader, unknownDeal, type DealClosing, type DealState } from './reading.ts'
import { DealError, actTypedData, checkTerms, dealId, lastEnd, type DealTerms } from './terms.ts'
import type { Watched } from './watch.ts'

/** What the payer states to open a deal; the rest has defaults. Times in seconds, amounts in the smallest unit. */
export interface OpenDeal {
  readonly payee: Address
  /** May be left out if there is an evaluator. */
  readonly arbiter?: Address | undefined
  readonly evaluator?: Address | undefined
  readonly amount: bigint
  /** What the payee is to lock. */
  readonly collateral?: bigint | undefined
  /** What each side of a dispute is to deposit. */
  readonly bond?: bigint | undefined
  /** Unix seconds; else `deliverIn` from now. */
  readonly deliverBy?: number | undefined
  readonly deliverIn?: number | undefined
  readonly disputeWindow?: number | undefined
  readonly rulingWindow?: number | undefined
  readonly defaultToPayee?: number | undefined
  readonly arbiterFee?: bigint | undefined
  readonly appFeeRecipient?: Address | undefined
  readonly appFeeBps?: number | undefined
  readonly details?: Hex | undefined
  /** Told the deal's id once its terms are on disk, before anything is sent. */
  readonly onOpening?: ((deal: Hex) => void) | undefined
}

export interface DealStatus {
  readonly deal: Hex
  /** `opening`: this account has written down the terms, and the chain doesn't know of the deal (yet). */
  readonly state: 'opening' | DealState
  readonly terms: DealTerms
  /** Unix seconds until which the payee may accept, the other side answer, or the arbiter rule; undefined in other states. */
  readonly endsAt: number | undefined
  /** What the deal still holds for the two parties. */
  readonly left: bigint
  readonly closed: DealClosing | undefined
}

export type Deals = ReturnType<typeof createDeals>

/** How the chain says that nothing was locked. */
const REFUSED: ReadonlySet<string> = new Set(['REVERTED', 'NO_GAS'])
const DEFAULTS = { deliverIn: 3_600, disputeWindow: 3_600, rulingWindow: 3_600, defaultToPayee: 5_000 }

type Role = 'payer' | 'payee' | 'arbiter' | 'party'
type Step = keyof typeof STEPS

/** Who may take a step, and in which states. */
const STEPS = {
  accept: { role: 'payee', from: ['offered'] },
  release: { role: 'payer', from: ['funded', 'challenged', 'disputed'] },
  releasePart: { role: 'payer', from: ['funded'] },
  evaluate: { role: 'anyone', from: ['funded', 'challenged', 'disputed'] },
  refund: { role: 'payee', from: ['offered', 'funded', 'challenged', 'disputed'] },
  settle: { role: 'party', from: ['funded', 'challenged', 'disputed'] },
  dispute: { role: 'party', from: ['funded'] },
  answer: { role: 'anyone', from: ['challenged'] },
  rule: { role: 'arbiter', from: ['disputed'] },
  expire: { role: 'anyone', from: ['offered', 'funded', 'challenged', 'disputed'] },
} as const satisfies Record<string, { role: Role | 'anyone'; from: readonly DealState[] }>

/** What a step takes from this account. */
const LOCKS: Partial<Record<Step, (terms: DealTerms) => bigint>> = {
  accept: ({ collateral }) => collateral,
  dispute: ({ bond }) => bond,
  answer: ({ bond }) => bond,
}

const DONE = {
  accept: 'accepted',
  releasePart: 'released in part',
  evaluate: 'evaluated',
  answer: 'answered',
  release: 'released',
  refund: 'refunded',
  settle: 'settled',
  dispute: 'disputed',
  rule: 'ruled on',
  expire: 'expired',
} as const

export interface DealsDeps {
  readonly chain: Chain
  readonly account: Account
  readonly storage: KeyValueStore
  /** Under which name the storage has the deals of this account on this chain. */
  readonly scope: string
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Deals through the escrow. A deal is named by its id; its terms are read from the chain. */
export function createDeals({ chain, account, storage, scope, now }: DealsDeps) {
  const { network } = chain
  const opening = openingDeals(storage, scope)
  const { Escrow } = chain.contracts
  const { termsOf: termsOnChain, viewOf, closingOf } = dealReader(chain)
  const isMe = (address: Address) => isAddressEqual(address, account.address)

  async function termsOf(deal: Hex): Promise<DealTerms> {
    const terms = await termsOnChain(deal)
    if (!terms) throw unknownDeal(deal)
    return terms
  }

  function requireRole(deal: Hex, terms: DealTerms, role: Role): void {
    const allowed = role === 'party' ? isMe(terms.payer) || isMe(terms.payee) : isMe(terms[role])
    if (allowed) return
    const who = role === 'party' ? 'the payer or the payee' : `the ${role}`
    throw new DealError(`Only ${who} of the deal may do this`, { code: 'NOT_A_PARTY', deal, role })
  }

  async function act(deal: Hex, step: Step, more: readonly unknown[] = []): Promise<TxResult> {
    const { role, from } = STEPS[step]
    const terms = await termsOf(deal)
    const { state } = await viewOf(deal)
    // Before the payee has locked its collateral, the payer may take its offer back.
    const who = step === 'refund' && state === 'offered' ? 'party' : role
    if (who !== 'anyone') requireRole(deal, terms, who)
    if (!(from as readonly DealState[]).includes(state)) {
      throw new DealError(`The deal is ${state}; it can't be ${DONE[step]} now`, {
        code: 'WRONG_STATE',
        deal,
        state,
      })
    }
    const locked = LOCKS[step]?.(terms) ?? 0n
    if (locked > 0n) {
      await requireTokens(chain, locked)
      await approve(chain, 'Escrow', locked)
    }
    return chain.write({
      action: `${step} the deal`,
      contract: 'Escrow',
      functionName: step,
      args: [terms, ...more],
    })
  }

  async function statusOf(deal: Hex): Promise<DealStatus> {
    const terms = await termsOnChain(deal)
    if (!terms) {
      const written = await opening.get(deal)
      if (!written) throw unknownDeal(deal)
      return { deal, state: 'opening', terms: written, endsAt: undefined, left: 0n, closed: undefined }
    }
    const { state, endsAt, left } = await viewOf(deal)
    const closed = state === 'closed' ? await closingOf(deal) : undefined
    return { deal, state, terms, endsAt: endsAt || undefined, left, closed }
  }

  function complete(open: OpenDeal): DealTerms {
    return {
      payer: account.address,
      payee: open.payee,
      arbiter: open.arbiter ?? zeroAddress,
      evaluator: open.evaluator ?? zeroAddress,
      amount: open.amount,
      collateral: open.collateral ?? 0n,
      arbiterFee: open.arbiterFee ?? 0n,
      bond: open.bond ?? 0n,
      deliverBy: open.deliverBy ?? Math.floor(now() / 1000) + (open.deliverIn ?? DEFAULTS.deliverIn),
      disputeWindow: open.disputeWindow ?? DEFAULTS.disputeWindow,
      rulingWindow: open.rulingWindow ?? DEFAULTS.rulingWindow,
      defaultToPayee: open.defaultToPayee ?? DEFAULTS.defaultToPayee,
      appFeeRecipient: open.appFeeRecipient ?? zeroAddress,
      appFeeBps: open.appFeeBps ?? 0,
      details: open.details ?? bytesToHex(randomBytes(32)),
    }
  }

  const idOf = (terms: DealTerms): Hex => dealId(terms, network.chainId, Escrow.address)

  async function lock(
    terms: DealTerms,
    onOpening?: OpenDeal['onOpening'],
  ): Promise<TxResult & { deal: Hex; terms: DealTerms }> {
    const deal = idOf(terms)
    checkTerms(terms, now() / 1000)
    await requireTokens(chain, terms.amount)
    await approve(chain, 'Escrow', terms.amount)
    await opening.put(deal, terms)
    onOpening?.(deal)
    const call = { action: 'open the deal', contract: 'Escrow', functionName: 'fund', args: [terms] } as const
    const tx = await chain.write(call).catch(async (error: unknown) => {
      if (error instanceof CallError && REFUSED.has(error.code)) await opening.remove(deal)
      throw error
    })
    await opening.remove(deal)
    return { ...tx, deal, terms }
  }

  return {
    terms: termsOf,
    /**
     * Payer: agrees to terms and locks the amount. The terms are on disk before the transaction is sent, so that `pending`
     * finds the deal whatever happens to this process. Throws DealError BAD_TERMS, CallError, StorageError.
     */
    open: (open: OpenDeal) => lock(complete(open), open.onOpening),
    /** Payer: locks the amount for terms that were agreed on, as `open` does. Throws DealError NOT_A_PARTY as well. */
    async fund(terms: DealTerms, onOpening?: OpenDeal['onOpening']) {
      requireRole(idOf(terms), terms, 'payer')
      return await lock(terms, onOpening)
    },
    /**
     * Deals that this account began to open and never saw opened, because something ended before: as they are now.
     * One that is over, or that can't be opened any more, is forgotten. Throws CallError, StorageError.
     */
    async pending(): Promise<DealStatus[]> {
      const found: DealStatus[] = []
      for (const deal of await opening.list()) {
        const status = await statusOf(deal)
        const isOver = status.state === 'opening' && status.terms.deliverBy < now() / 1000
        if (isOver || status.state === 'closed') await opening.remove(deal)
        else found.push(status)
      }
      return found
    },
    /** Payee of a deal with collateral: locks it. */
    accept: (deal: Hex) => act(deal, 'accept'),
    /** Payer: what is left goes to the payee. */
    release: (deal: Hex) => act(deal, 'release'),
    /** Payer: the payee shall have got `total` in all. */
    releasePart: (deal: Hex, total: bigint) => act(deal, 'releasePart', [total]),
    /** Anyone: asks the evaluator what `evidence` means. */
    evaluate: (deal: Hex, evidence: Hex) => act(deal, 'evaluate', [evidence]),
    /** Payee: what is left goes to the payer, collateral too. The payer itself, as long as the deal is only offered. */
    refund: (deal: Hex) => act(deal, 'refund'),
    /** Either party: calls the arbiter, and deposits the bond if there is one. */
    dispute: (deal: Hex) => act(deal, 'dispute'),
    /** Anyone, for the side that was called to answer: deposits its bond. */
    answer: (deal: Hex) => act(deal, 'answer'),
    /** Arbiter: `payeeAmount` to the payee, its fee to itself, the rest to the payer. */
    rule: (deal: Hex, payeeAmount: bigint) => act(deal, 'rule', [payeeAmount]),
    /** Anyone, once the last window has ended: the outcome that the terms foresee. */
    expire: (deal: Hex) => act(deal, 'expire'),
    /** Signs this account's consent to a split, good until the deal is over at the latest; give it to the other party. */
    async signSettlement(deal: Hex, payeeAmount: bigint): Promise<Hex> {
      const terms = await termsOf(deal)
      requireRole(deal, terms, 'party')
      const consent = { act: 'Settlement', deal, payeeAmount, deadline: lastEnd(terms) } as const
      return account.eth.signTypedData(actTypedData(consent, network.chainId, Escrow.address))
    },
    /** Either party: closes by the split that the other one signed. */
    async settle(deal: Hex, payeeAmount: bigint, theirSignature: Hex): Promise<TxResult> {
      const terms = await termsOf(deal)
      const signatures = isMe(terms.payer) ? ['0x', theirSignature] : [theirSignature, '0x']
      return act(deal, 'settle', [payeeAmount, lastEnd(terms), ...signatures])
    },
    /** How a deal stands; also one of `pending`. Throws DealError UNKNOWN_DEAL, CallError, StorageError. */
    status: statusOf,
    /** What `dealState` and `watchDeal` go by. Throws DealError UNKNOWN_DEAL, CallError. */
    async view(deal: Hex): Promise<Watched> {
      const [terms, view, { timestamp: at }] = await Promise.all([termsOf(deal), viewOf(deal), chain.head()])
      return { terms, view, at }
    },
  }
}
