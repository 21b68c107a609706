import { membershipEvent } from '@teahouse/protocol/chain'
import { LedgerError, membershipLedger, type HomeEntry, type MembershipLedger } from '@teahouse/protocol/rln'
import type { Hash } from 'viem'
import type { Chain } from '../chain/chain.ts'
import { MembershipError } from './errors.ts'
import { paramsReader, type LedgerView } from './view.ts'

export type { LedgerView, RlnParams } from './view.ts'

/** A range of blocks that any RPC endpoint answers for. */
const RANGE = 5_000n
const ATTEMPTS = 3

interface Followed {
  readonly ledger: MembershipLedger
  /** Who came to a home and left it, in the chain's order. */
  readonly homes: HomeEntry[]
  readonly block: bigint
  readonly blockHash: Hash
}

/** The membership ledger rebuilt from the chain's events, and kept up to date on demand. */
export function createLedgerView(chain: Chain): LedgerView {
  const getParams = paramsReader(chain)
  let followed: Followed | undefined
  let last: Promise<unknown> = Promise.resolve()

  async function follow(): Promise<Followed> {
    const head = await chain.read('read the newest block', () =>
      chain.reader.getBlock({ blockTag: 'latest' }),
    )
    const start = (await stillThere(followed)) ?? {
      ledger: membershipLedger(await getParams()),
      homes: [],
      block: -1n,
    }
    for (let from = start.block + 1n; from <= head.number; from += RANGE) {
      const to = from + RANGE - 1n < head.number ? from + RANGE - 1n : head.number
      await applyRange(start, from, to)
    }
    start.ledger.advance({ number: head.number, timestamp: Number(head.timestamp) })
    followed = { ...start, block: head.number, blockHash: head.hash }
    return followed
  }

  async function applyRange(
    { ledger, homes }: Pick<Followed, 'ledger' | 'homes'>,
    fromBlock: bigint,
    toBlock: bigint,
  ): Promise<void> {
    const { address } = chain.contracts.MembershipRegistry
    const logs = await chain.read('read the memberships', () =>
      chain.reader.getLogs({ address, fromBlock, toBlock }),
    )
    const times = new Map<bigint, number>()
    for (const log of logs) {
      const change = membershipEvent(log)
      if (!change) continue
      const number = log.blockNumber
      if (!times.has(number)) times.set(number, await timeOf(number))
      const block = { number, timestamp: times.get(number)! }
      if (change.kind === 'homeSet') ledger.setHome(change, block)
      else ledger.apply(change, block)
      if (change.kind === 'homeSet' || (change.kind === 'registered' && change.home !== 0)) homes.push(change)
    }
  }

  const timeOf = (blockNumber: bigint): Promise<number> =>
    chain.read('read a block', async () => Number((await chain.reader.getBlock({ blockNumber })).timestamp))

  /** What was followed, unless the chain has since replaced its last block. */
  async function stillThere(view: Followed | undefined): Promise<Followed | undefined> {
    if (!view) return undefined
    const block = await chain.reader.getBlock({ blockNumber: view.block }).catch(() => undefined)
    return block?.hash === view.blockHash ? view : undefined
  }

  async function update(): Promise<Followed> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        return await follow()
      } catch (error) {
        followed = undefined
        if (!(error instanceof LedgerError)) throw error // else the chain changed while it was read
      }
    }
    throw new MembershipError('The chain keeps changing while it is read', { code: 'LEDGER_UNSETTLED' })
  }

  function inTurn(): Promise<Followed> {
    const result = last.then(update)
    last = result.catch(() => undefined)
    return result
  }

  return {
    params: getParams,
    /** The ledger as of the newest block. Throws CallError, MembershipError LEDGER_UNSETTLED. */
    update: async (): Promise<MembershipLedger> => (await inTurn()).ledger,
    async home(operatorId) {
      const { ledger, homes } = await inTurn()
      return ledger.home?.operatorId === operatorId ? ledger.home : ledger.followHome(operatorId, homes)
    },
  }
}
