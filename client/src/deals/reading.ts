import { abis } from '@teahouse/protocol/chain'
import { isHex, size, type Hex } from 'viem'
import type { Chain } from '../chain/chain.ts'
import type { DealView } from './payout.ts'
import { DealError, type DealTerms } from './terms.ts'

export type DealOutcome = (typeof OUTCOMES)[number]
export type DealState = (typeof STATES)[number]

/** How a deal closed. Bonds apart, in smallest units. */
export interface DealClosing {
  readonly outcome: DealOutcome
  readonly toPayer: bigint
  readonly toPayee: bigint
  readonly toArbiter: bigint
  readonly toApp: bigint
}

const STATES = ['offered', 'funded', 'challenged', 'disputed', 'closed'] as const
const OUTCOMES = [
  'released',
  'refunded',
  'settled',
  'ruled',
  'accepted',
  'defaulted',
  'evaluated',
  'unanswered',
] as const
const EVENTS = { abi: abis.Escrow, fromBlock: 0n, strict: true } as const

/** What the chain says about deals. Without an RPC endpoint, operators that agree say it: docs/wire/chain.md. */
export function dealReader(chain: Chain) {
  const { Escrow } = chain.contracts

  async function termsOf(deal: Hex): Promise<DealTerms | undefined> {
    const valid = isHex(deal) && size(deal) === 32
    const [event] = valid
      ? await chain.read('look up the deal', () =>
          chain.reader.getContractEvents({
            ...EVENTS,
            address: Escrow.address,
            eventName: 'DealFunded',
            args: { deal },
          }),
        )
      : []
    if (!event) return undefined
    const { deal: _, ...terms } = event.args
    return terms
  }

  /** Throws DealError UNKNOWN_DEAL. */
  async function viewOf(deal: Hex): Promise<DealView & { readonly state: DealState }> {
    const { state, byPayee, endsAt, left } = await chain.read('read the deal', () => Escrow.read.deal([deal]))
    const name = STATES[state - 1]
    if (name === undefined) throw unknownDeal(deal)
    return { state: name, byPayee, endsAt, left }
  }

  async function closingOf(deal: Hex): Promise<DealClosing | undefined> {
    const [event] = await chain.read('look up how the deal closed', () =>
      chain.reader.getContractEvents({
        ...EVENTS,
        address: Escrow.address,
        eventName: 'DealClosed',
        args: { deal },
      }),
    )
    if (!event) return undefined
    const { outcome, toPayer, toPayee, toArbiter, toApp } = event.args
    return { outcome: OUTCOMES[outcome]!, toPayer, toPayee, toArbiter, toApp }
  }

  return { termsOf, viewOf, closingOf }
}

export const unknownDeal = (deal: Hex): DealError =>
  new DealError(`There is no deal ${deal}`, { code: 'UNKNOWN_DEAL', deal })
