import { erc20Abi, type Hex } from 'viem'
import type { Account } from '../account/account.ts'
import type { Chain, TxResult } from '../chain/chain.ts'
import { signPermit } from '../chain-relay/permit.ts'
import type { KeyValueStore } from '../storage/store.ts'
import type { DealPlace, Unit } from './agreed.ts'
import type { Deals, OpenDeal } from './deals.ts'
import { keptOffers } from './keeping.ts'
import { offerFor, type Offer } from './offer.ts'
import { sentenceOf } from './sentence.ts'
import { callOf, settlementOf } from './sending.ts'
import { locksOf, signAct, type EscrowAct, type SignedAct, type SignOptions } from './signed.ts'
import { notSigned, type DealSigner } from './signer.ts'
import type { AnyTemplate } from './templates/template.ts'
import { lastEnd } from './terms.ts'
import { watchDeal, type WatchOptions } from './watch.ts'

export interface KitDeps {
  readonly chain: Chain
  readonly account: Pick<Account, 'eth'>
  readonly deals: Pick<Deals, 'fund' | 'view' | 'terms'>
  readonly storage: KeyValueStore
  /** As that of `deals`. */
  readonly scope: string
  readonly now: () => number
}

export type DealKit = ReturnType<typeof createDealKit>

/** What a person signs without its deadline: when the deal is over at the latest, unless another one is given. */
type Act = EscrowAct extends infer A
  ? A extends unknown
    ? Omit<A, 'deadline'> & { deadline?: number }
    : never
  : never

/** What an application needs for deals of its own, beside `deals`: where they are made, what is signed and sent by whom, and waking. */
export function createDealKit({ chain, account, deals, storage, scope, now }: KitDeps) {
  const { network } = chain
  const kept = keptOffers(storage, scope)
  let unit: Promise<Unit> | undefined

  async function readUnit(): Promise<Unit> {
    const { address } = chain.contracts.Token
    const [symbol, decimals] = await chain.read('read the token', () =>
      Promise.all([
        chain.reader.readContract({ address, abi: erc20Abi, functionName: 'symbol' }),
        chain.reader.readContract({ address, abi: erc20Abi, functionName: 'decimals' }),
      ]),
    )
    return { symbol, decimals }
  }

  async function place(more: Readonly<Record<string, Hex>> = {}): Promise<DealPlace> {
    unit ??= readUnit().catch((error: unknown) => {
      unit = undefined
      throw error
    })
    return {
      ...{ chainId: network.chainId, escrow: chain.contracts.Escrow.address, unit: await unit },
      evaluators: { ...network.evaluators, ...more },
    }
  }

  return {
    /** Where this client makes deals; `more`: evaluators of one's own by name. Throws CallError, ChainNodesError. */
    place,
    /** Offers that this account keeps: those that it funded, signed or put here. */
    offers: {
      put: kept.put,
      remove: kept.remove,
      list: kept.list,
      get: async (deal: Hex, templates?: readonly AnyTemplate[]) => kept.get(deal, await place(), templates),
    },
    /** A deal that is on chain, with data that somebody else kept. Throws DealError UNKNOWN_DEAL, BAD_OFFER; CallError. */
    onChain: async (deal: Hex, data: Hex, templates?: readonly AnyTemplate[]): Promise<Offer> =>
      offerFor({ terms: await deals.terms(deal), data }, await place(), templates),
    /**
     * Payer: shows the sentence, keeps the offer, and locks the amount, as `deals.fund`. Throws DealError NOT_SIGNED if it is not confirmed.
     */
    async fund(offer: Offer, { confirm, locale }: SignOptions, onOpening?: OpenDeal['onOpening']) {
      const deadline = offer.terms.deliverBy
      if (!(await confirm(sentenceOf(offer.statement, { act: 'Funding', deadline }, locale))))
        throw notSigned('it was not confirmed')
      await kept.put(offer)
      return await deals.fund(offer.terms, onOpening)
    },
    /**
     * Shows the sentence and has it signed, by this account or by `signer`; the offer is kept. What it locks goes with it as an allowance of exactly that
     * (ERC-2612), so whoever signs needs no coin. Such an allowance has a place in the account's order: sign the next one when this one was sent. Throws DealError NOT_SIGNED, CallError.
     */
    async sign(
      offer: Offer,
      given: Act,
      options: SignOptions & { readonly signer?: DealSigner },
    ): Promise<SignedAct> {
      const { signer = account.eth } = options
      const act = { ...given, deadline: given.deadline ?? lastEnd(offer.terms) } as EscrowAct
      const signed = await signAct(offer, act, signer, options)
      await kept.put(offer)
      const value = locksOf(offer, act, signer.address)
      if (value === 0n) return signed
      const wanted = { spender: offer.statement.place.escrow, value, deadline: BigInt(act.deadline) }
      const [, , deadline, v, r, s] = await chain.read('read the token', () =>
        signPermit(signer, chain.contracts.Token, wanted),
      )
      return { ...signed, permit: { value, deadline, v, r, s } }
    },
    /**
     * Sends what somebody signed: by a transaction of this account, or by nodes if it has no coins. It is done by who signed, with their tokens. Throws
     * DealError BAD_SIGNED for a Settlement, which takes two; CallError, ChainNodesError.
     */
    send: async (signed: SignedAct): Promise<TxResult> => chain.write(callOf(signed)),
    /** Closes a deal by the split that both signed. */
    settle: async (one: SignedAct, other: SignedAct): Promise<TxResult> =>
      chain.write(settlementOf(one, other)),
    /** Follows a deal until it is closed; see `watchDeal`. */
    watch: async (deal: Hex, options: WatchOptions) => watchDeal({ read: deals.view, now }, deal, options),
  }
}
