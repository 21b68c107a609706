import { abis } from '@teahouse/protocol/chain'
import { createPublicClient, type Hex, type PublicClient } from 'viem'
import type { Chain } from '../chain/chain.ts'
import { nodesError } from '../chain-relay/errors.ts'
import { isWord } from './hex.ts'
import type { DealView } from './payout.ts'
import { sleep } from '../sleep.ts'
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

/** Looks at what operators say, while an endpoint may be some blocks ahead of them. */
const LOOKS = 5
const PAUSE_MS = 1_000

/**
 * What the chain says about deals. Without an RPC endpoint, operators that agree say it: docs/wire/chain.md. With one and with nodes, that a deal is
 * closed is held against what operators agree on, if they can be asked.
 */
export function dealReader(chain: Chain, pauseMs = PAUSE_MS) {
  const { Escrow } = chain.contracts
  const witnesses = chain.way && !chain.way.transport ? chain.way.witnesses : undefined

  async function termsOf(deal: Hex): Promise<DealTerms | undefined> {
    const [event] = isWord(deal)
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

  /** Closed is for good: operators that have the block, or a later one, say the same. Throws DealError CONTRADICTED. */
  async function confirmClosed(deal: Hex, reader: PublicClient): Promise<void> {
    const question = {
      address: Escrow.address,
      abi: abis.Escrow,
      functionName: 'deal',
      args: [deal],
    } as const
    for (let look = 1; ; look++) {
      const told = await reader.readContract(question).catch((error: unknown) => {
        if (nodesError(error)?.code === 'ANSWERS_DISAGREE') throw error
        return undefined
      })
      if (!told || STATES[told.state - 1] === 'closed') return
      if (look === LOOKS) break
      await sleep(pauseMs)
    }
    const text = `The RPC endpoint says that the deal ${deal} is closed, and operators agree that it is not`
    throw new DealError(text, { code: 'CONTRADICTED', deal })
  }

  /** Throws DealError UNKNOWN_DEAL, CONTRADICTED. */
  async function viewOf(deal: Hex): Promise<DealView & { readonly state: DealState }> {
    const { state, byPayee, endsAt, left } = await chain.read('read the deal', () => Escrow.read.deal([deal]))
    const name = STATES[state - 1]
    if (name === undefined) throw unknownDeal(deal)
    if (name === 'closed' && witnesses)
      await confirmClosed(deal, createPublicClient({ transport: witnesses }))
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
