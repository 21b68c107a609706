import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { announceArgs, abis } from '@teahouse/protocol/chain'
import { encodeAbiParameters, encodeEventTopics, hexToBytes, zeroAddress, type Address, type Hex } from 'viem'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Chain } from '../chain/chain.ts'
import { createDirectory } from './directory.ts'

const MINIMUM = 100n
const ALL = 15

interface Entry {
  readonly id: number
  /** Key whose peer id is announced. */
  readonly announced: Hex
  /** The node key that the chain has now. */
  readonly node: Address
  readonly staked?: bigint
  readonly services?: number
  readonly clusterId?: number
}

const peerIdOf = (key: Hex) => peerIdFromPrivateKey(privateKeyFromRaw(hexToBytes(key)))
const honest = (id: number): Entry => {
  const announced = generatePrivateKey()
  return { id, announced, node: privateKeyToAddress(announced) }
}

function log({ id, announced, node, services = ALL, clusterId = 1984 }: Entry) {
  const record = {
    operatorId: id,
    peerId: peerIdOf(announced).toMultihash().bytes,
    multiaddrs: ['/ip4/127.0.0.1/tcp/1'],
    services,
    clusterId,
    priceHint: 42n,
  }
  const [, said] = announceArgs(record)
  const abi = abis.ServiceRegistry
  const types = ['bytes', 'string[]', 'uint32', 'uint32', 'uint128'].map((type) => ({ type }))
  return {
    data: encodeAbiParameters(types, [
      said.peerId,
      said.multiaddrs,
      said.services,
      said.clusterId,
      said.priceHint,
    ]),
    topics: encodeEventTopics({ abi, eventName: 'ServiceAnnounced', args: { operatorId: id, node } }),
  }
}

let now = 0
let reads = 0

function directoryOf(...entries: Entry[]) {
  const operator = async ([id]: [number]) => {
    const { node, staked = MINIMUM } = entries.find((entry) => entry.id === id)!
    return { node, staked, payee: zeroAddress }
  }
  const chain = {
    network: { clusterId: 1984 },
    reader: { getLogs: async () => (reads++, entries.map(log)) },
    read: (_: string, task: () => unknown) => task(),
    contracts: {
      ServiceRegistry: { address: zeroAddress },
      OperatorStaking: { read: { operator, minimumStake: async () => MINIMUM } },
    },
  } as unknown as Chain
  return createDirectory(chain, () => now)
}

describe('the directory', () => {
  it('knows the nodes that the chain vouches for', async () => {
    const entry = honest(1)
    const [node] = await directoryOf(entry).nodes()
    expect(node).toMatchObject({
      operatorId: 1,
      peerId: peerIdOf(entry.announced).toString(),
      services: ['relay', 'store', 'filter', 'lightpush'],
      priceHint: 42n,
    })
  })

  it('finds one by operator id or peer id, or all that serve', async () => {
    const [first, second] = [honest(1), { ...honest(2), services: 1 }]
    const directory = directoryOf(first, second)
    const peerId = peerIdOf(first.announced).toString()
    for (const wanted of [1, '1', peerId, undefined]) {
      expect(await directory.candidates('store', wanted)).toMatchObject([{ operatorId: 1 }])
    }
    expect(await directory.candidates('relay')).toHaveLength(2)
  })
})

describe('how often it asks the chain', () => {
  beforeEach(() => {
    now = 1_800_000_000_000
    reads = 0
  })
  const minutes = (count: number) => void (now += count * 60_000)

  it('every hour at most, to choose a node', async () => {
    const directory = directoryOf(honest(1))
    for (let at = 0; at < 59; at++) {
      await directory.candidates('store')
      minutes(1)
    }
    expect(reads).toBe(1)
    minutes(2)
    await directory.candidates('store')
    expect(reads).toBe(2)
  })

  it('sooner if a node was not where it should be', async () => {
    const directory = directoryOf(honest(1))
    await directory.candidates('store')
    directory.doubt()
    await directory.recent()
    expect(reads).toBe(1)
    minutes(1)
    await directory.recent()
    expect(reads).toBe(2)
    minutes(1)
    await directory.recent()
    expect(reads).toBe(2)
  })

  it('sooner for a node or a service that it does not know', async () => {
    const entries = [{ ...honest(1), services: 1 }]
    const directory = directoryOf(...entries)
    await expect(directory.candidates('store')).rejects.toMatchObject({ code: 'NO_NODES' })
    minutes(1)
    await expect(directory.candidates('relay', 2)).rejects.toMatchObject({ code: 'UNKNOWN_NODE' })
    expect(reads).toBe(2)
  })
})

describe('when it must refuse', () => {
  it.each<[string, Partial<Entry>]>([
    ['a peer id of a key that is not the node key', { node: privateKeyToAddress(generatePrivateKey()) }],
    ['an operator that is gone', { node: zeroAddress }],
    ['too little stake', { staked: MINIMUM - 1n }],
    ['another cluster', { clusterId: 1 }],
  ])('%s', async (_, change) => {
    const directory = directoryOf({ ...honest(1), ...change }, honest(2))
    expect(await directory.nodes()).toMatchObject([{ operatorId: 2 }])
    await expect(directory.candidates('store', 1)).rejects.toMatchObject({ code: 'UNKNOWN_NODE' })
  })

  it('a service that nobody offers', async () => {
    const directory = directoryOf({ ...honest(1), services: 1 })
    await expect(directory.candidates('store')).rejects.toMatchObject({ code: 'NO_NODES' })
  })
})
