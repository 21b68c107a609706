import { abis, SERVICES } from '@teahouse/protocol/chain'
import {
  encodeAbiParameters,
  encodeEventTopics,
  numberToHex,
  zeroAddress,
  type AbiEvent,
  type Hex,
} from 'viem'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Chain } from '../../chain/chain.ts'
import { operatorReader } from './operators.ts'

const CLUSTER = 1984
const MINIMUM = 100n
const SERVICE_REGISTRY = '0x00000000000000000000000000000000000000a1'
const STAKING = '0x00000000000000000000000000000000000000a2'

interface Log {
  readonly address: Hex
  readonly blockNumber: bigint
  readonly blockHash: Hex
  readonly logIndex: number
  readonly topics: readonly Hex[]
  readonly data: Hex
}

let logs: Log[]
let head: bigint
let asked: string[]

/** An event as a provider tells it; block n has the time 10 n. */
function emit(address: Hex, abi: readonly unknown[], eventName: string, args: Record<string, unknown>): void {
  const event = (abi as AbiEvent[]).find(({ type, name }) => type === 'event' && name === eventName)!
  const encoded = encodeEventTopics({ abi: [event], eventName, args })
  const topics = encoded.filter((topic) => typeof topic === 'string')
  const plain = event.inputs.filter(({ indexed }) => !indexed)
  const data = encodeAbiParameters(plain, plain.map(({ name }) => args[name!]) as never)
  const blockHash = numberToHex(head, { size: 32 })
  logs.push({ address, blockNumber: head, blockHash, logIndex: logs.length, topics, data })
}
function announce(operatorId: number, services: number = SERVICES.lightpush, clusterId = CLUSTER): void {
  const record = { peerId: '0x01', multiaddrs: ['/ip4/127.0.0.1/tcp/1'], services, clusterId, priceHint: 0n }
  emit(SERVICE_REGISTRY, abis.ServiceRegistry, 'ServiceAnnounced', {
    operatorId,
    node: zeroAddress,
    ...record,
  })
}
const retire = (operatorId: number) =>
  emit(SERVICE_REGISTRY, abis.ServiceRegistry, 'ServiceRetired', { operatorId })
function stake(id: number, staked: bigint, eventName: 'Staked' | 'Thawing' | 'Slashed' = 'Staked'): void {
  const some = { service: 1, from: zeroAddress, amount: 1n, tokens: 1n, thawing: 1n, thawedAt: 1 }
  const slashed = { adjudicator: zeroAddress, own: 1n, delegated: 0n, rewarded: 0n, beneficiary: zeroAddress }
  emit(STAKING, abis.OperatorStaking, eventName, { id, staked, ...some, ...slashed })
}
/** An operator that serves from this block on. */
function join(id: number): void {
  stake(id, MINIMUM)
  announce(id)
}

const chain = {
  network: { clusterId: CLUSTER },
  read: (_action: string, task: () => unknown) => task(),
  reader: {
    getBlock: async ({ blockNumber = head }: { blockNumber?: bigint }) => {
      asked.push(`block ${blockNumber}`)
      return { number: blockNumber, timestamp: 10n * blockNumber }
    },
    async getLogs({ address, fromBlock, toBlock }: { address: Hex; fromBlock: bigint; toBlock: bigint }) {
      asked.push(`logs ${fromBlock}-${toBlock}`)
      return logs.filter(
        (log) => log.address === address && log.blockNumber >= fromBlock && log.blockNumber <= toBlock,
      )
    },
  },
  contracts: {
    ServiceRegistry: { address: SERVICE_REGISTRY },
    OperatorStaking: { address: STAKING, read: { minimumStake: async () => MINIMUM } },
  },
} as unknown as Chain

beforeEach(() => {
  logs = []
  head = 1n
  asked = []
})

describe('the operators that the chain tells', () => {
  it('are those with stake that serve light push on this cluster, as of a time', async () => {
    join(1)
    head = 2n
    join(2)
    stake(3, MINIMUM - 1n)
    announce(3)
    stake(4, MINIMUM)
    announce(4, SERVICES.relay)
    stake(5, MINIMUM)
    announce(5, SERVICES.lightpush, CLUSTER + 1)
    announce(6)
    head = 9n
    const history = await operatorReader(chain).read()
    expect(history.head).toBe(90)
    expect(await Promise.all([9, 10, 19, 20, 90].map(history.at))).toEqual([[], [1], [1], [1, 2], [1, 2]])
    expect(history.everAnnounced).toEqual([1, 2, 3, 6])
  })

  it.each([
    { given: 'retires', leave: () => retire(1) },
    { given: 'stops light push', leave: () => announce(1, SERVICES.relay) },
    { given: 'thaws its stake', leave: () => stake(1, MINIMUM - 1n, 'Thawing') },
    { given: 'is slashed', leave: () => stake(1, 0n, 'Slashed') },
  ])('lose one that $given, from that block on, and get it back', async ({ leave }) => {
    join(1)
    head = 4n
    leave()
    head = 6n
    join(1)
    const history = await operatorReader(chain).read()
    expect(await Promise.all([10, 39, 40, 59, 60].map(history.at))).toEqual([[1], [1], [], [], [1]])
    expect(history.everAnnounced).toEqual([1])
  })

  it('are read in ranges, and only what is new the next time', async () => {
    head = 12_000n
    join(1)
    const reader = operatorReader(chain)
    await reader.read()
    const ranges = () => [...new Set(asked.splice(0).filter((what) => what.startsWith('logs')))]
    expect(ranges()).toEqual(['logs 0-4999', 'logs 5000-9999', 'logs 10000-12000'])
    head = 12_010n
    join(2)
    expect(await (await reader.read()).at(120_100)).toEqual([1, 2])
    expect(ranges()).toEqual(['logs 11901-12010'])
  })

  it('follow a chain that replaces its newest blocks', async () => {
    head = 200n
    join(1)
    join(2)
    const reader = operatorReader(chain)
    expect(await (await reader.read()).at(2_000)).toEqual([1, 2])
    logs = logs.filter(({ logIndex }) => logIndex < 2)
    expect(await (await reader.read()).at(2_000)).toEqual([1])
  })
})
