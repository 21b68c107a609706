import { abis, SERVICES } from '@teahouse/protocol/chain'
import { parseEventLogs, type Hash, type Log } from 'viem'
import type { Chain } from '../../chain/chain.ts'

/** Which operators there were, as the chain's blocks tell it. */
export interface OperatorHistory {
  /** Time of the newest block that was read, unix seconds. */
  readonly head: number
  /** Those with stake that had announced light push, after the last block whose time is not above `seconds`. */
  at(seconds: number): Promise<number[]>
  /** All that ever announced light push, the first ones first: whoever reads later finds this list, or a longer one. */
  readonly everAnnounced: readonly number[]
}

interface Event {
  readonly block: bigint
  readonly hash: Hash
  readonly index: number
  readonly operator: number
  /** Whether it serves light push from here on. */
  readonly serves?: boolean
  /** Its stake from here on, in the token's smallest unit. */
  readonly staked?: bigint
}

/** Blocks that one request is answered for by any RPC endpoint. */
const RANGE = 5_000n
/** Blocks that are read again each time: a chain may replace its newest ones. */
const UNSETTLED = 100n

export type OperatorReader = ReturnType<typeof operatorReader>

/** Follows what the registries' events say of operators. */
export function operatorReader(chain: Chain) {
  /** By block hash: unix seconds. */
  const times = new Map<Hash, Promise<number>>()
  let known: { readonly events: readonly Event[]; readonly to: bigint } = { events: [], to: -1n }

  async function range(fromBlock: bigint, toBlock: bigint): Promise<Event[]> {
    const { ServiceRegistry, OperatorStaking } = chain.contracts
    const [services, stakes] = await chain.read('read the operators', () =>
      Promise.all(
        [ServiceRegistry, OperatorStaking].map(({ address }) =>
          chain.reader.getLogs({ address, fromBlock, toBlock }),
        ),
      ),
    )
    const found = [...servicesIn(services!, chain.network.clusterId), ...stakesIn(stakes!)]
    return found.sort((a, b) => Number(a.block - b.block) || a.index - b.index)
  }

  function timeOf({ block: blockNumber, hash }: Event): Promise<number> {
    const read = () => chain.read('read a block', () => chain.reader.getBlock({ blockNumber }))
    const time = times.get(hash) ?? read().then(({ timestamp }) => Number(timestamp))
    time.catch(() => times.delete(hash))
    times.set(hash, time)
    return time
  }

  return {
    /** All there was up to the newest block. Throws CallError. */
    async read(): Promise<OperatorHistory> {
      const [block, minimum] = await chain.read('read the operators', () =>
        Promise.all([
          chain.reader.getBlock({ blockTag: 'latest' }),
          chain.contracts.OperatorStaking.read.minimumStake(),
        ]),
      )
      const { events: before, to } = known
      const events = [...before]
      for (let from = to + 1n; from <= block.number; from += RANGE) {
        const end = from + RANGE - 1n
        events.push(...(await range(from, end < block.number ? end : block.number)))
      }
      const settled = block.number - UNSETTLED
      if (settled > to) known = { events: events.filter((event) => event.block <= settled), to: settled }
      return historyOf(timeOf, events, { head: Number(block.timestamp), minimum })
    },
  }
}

function historyOf(
  timeOf: (event: Event) => Promise<number>,
  events: readonly Event[],
  { head, minimum }: { readonly head: number; readonly minimum: bigint },
): OperatorHistory {
  /** How many of the events came in blocks not above a time: their times rise. */
  async function countUntil(seconds: number): Promise<number> {
    let [low, high] = [0, events.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((await timeOf(events[middle]!)) <= seconds) low = middle + 1
      else high = middle
    }
    return low
  }

  return {
    head,
    at: async (seconds) => standing(events.slice(0, await countUntil(seconds)), minimum),
    everAnnounced: [...new Set(events.filter(({ serves }) => serves).map(({ operator }) => operator))],
  }
}

function standing(events: readonly Event[], minimum: bigint): number[] {
  const serving = new Map<number, boolean>()
  const staked = new Map<number, bigint>()
  for (const event of events) {
    if (event.serves !== undefined) serving.set(event.operator, event.serves)
    if (event.staked !== undefined) staked.set(event.operator, event.staked)
  }
  return [...serving.keys()].filter((id) => serving.get(id) && (staked.get(id) ?? 0n) >= minimum)
}

function servicesIn(logs: Log<bigint, number, false>[], clusterId: number): Event[] {
  return parseEventLogs({ abi: abis.ServiceRegistry, logs }).flatMap((log): Event[] => {
    const at = { block: log.blockNumber, hash: log.blockHash, index: log.logIndex }
    if (log.eventName === 'ServiceRetired') return [{ ...at, operator: log.args.operatorId, serves: false }]
    if (log.eventName !== 'ServiceAnnounced') return []
    const { operatorId: operator, services, clusterId: cluster } = log.args
    return [{ ...at, operator, serves: cluster === clusterId && (services & SERVICES.lightpush) !== 0 }]
  })
}

function stakesIn(logs: Log<bigint, number, false>[]): Event[] {
  const eventName = ['Staked', 'Thawing', 'Slashed'] as const
  return parseEventLogs({ abi: abis.OperatorStaking, logs, eventName: [...eventName] }).map((log) => {
    const { id: operator, staked } = log.args
    return { block: log.blockNumber, hash: log.blockHash, index: log.logIndex, operator, staked }
  })
}
