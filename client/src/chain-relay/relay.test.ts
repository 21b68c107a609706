import { abis, contractsAt, type ContractAddresses, type Contracts } from '@teahouse/protocol/chain'
import { actionId, ChainRelayError, type ActionCall, type ChainCalls } from '@teahouse/protocol/chain-relay'
import { unpaidText } from '@teahouse/protocol/payments'
import {
  encodeErrorResult,
  getAddress,
  keccak256,
  RpcRequestError,
  TransactionReceiptNotFoundError,
  zeroAddress,
  type Hex,
  type PublicClient,
} from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import type { ChainNode } from './nodes.ts'
import { createRelay } from './relay.ts'

const ADDRESSES = Object.fromEntries(
  Object.keys(abis).map((name, at) => [name, getAddress(`0x${String(at + 1).padStart(40, '0')}`)]),
) as ContractAddresses
const account = privateKeyToAccount(generatePrivateKey())
const UNRELATED = keccak256('0x01')
const CALL = {
  action: 'take back a share',
  contract: 'MembershipRegistry',
  functionName: 'withdraw',
  args: [5n, account.address],
} as const

interface Lie {
  /** Of the transaction that every node but the last names. */
  readonly to?: Hex
  readonly status?: 'success' | 'reverted'
  /** Another action's id is given. */
  readonly id?: Hex
  /** Whether the contract refuses the action from the start. */
  readonly refused?: boolean
}

/** Two nodes name a transaction that is not the action; the third does it. The order is by chance. */
function world({ to = ADDRESSES.MembershipRegistry, status = 'success', id, refused = false }: Lie = {}) {
  const done = new Set<Hex>()
  const asked: string[] = []
  const hashOf = ({ data }: ActionCall): Hex => keccak256(data)
  const nodes = [0, 1, 2].map((at): ChainNode => {
    const isHonest = at === 2
    const calls = {
      async submit(action: ActionCall) {
        asked.push(`${at}`)
        const own = actionId(action.to, action.data)
        if (!isHonest) return { id: id ?? own, state: 'mined', hash: UNRELATED }
        done.add(hashOf(action))
        return { id: own, state: 'mined', hash: hashOf(action) }
      },
      follow: async () => ({ id: '0x', state: 'mined', hash: UNRELATED }),
    } as unknown as ChainCalls
    return { operatorId: at, peerId: `peer-${at}`, node: zeroAddress, calls }
  })
  const reader = {
    getBlock: async () => ({ timestamp: 1_000n }),
    async getTransactionReceipt({ hash }: { hash: Hex }) {
      const fields = { transactionHash: hash, gasUsed: 1n, blockNumber: 1n }
      if (hash === UNRELATED) return { ...fields, to, status }
      if (done.has(hash)) return { ...fields, to: ADDRESSES.MembershipRegistry, status: 'success' }
      throw new TransactionReceiptNotFoundError({ hash })
    },
    async call({ data }: { data: Hex }) {
      if (!refused && !done.has(keccak256(data))) return {}
      const revert = encodeErrorResult({
        abi: abis.PaymentChannels,
        errorName: 'BadSignature',
        args: [zeroAddress],
      })
      throw new RpcRequestError({ body: {}, url: 'x', error: { code: 3, message: 'reverted', data: revert } })
    },
  } as unknown as PublicClient
  const contracts: Contracts = contractsAt(ADDRESSES, reader)
  const waits = { pollMs: 1, patienceMs: 50 }
  const relay = createRelay({ nodes, network: { chainId: 1 }, account, reader, contracts, waits })
  return { relay, asked, done, reader, contracts }
}

/** Nodes that refuse at first, each with one description after the other, and then send; what they were paid. */
function refusing(...descriptions: readonly (readonly string[])[]) {
  const { done, reader, contracts } = world()
  const paid: string[] = []
  const asked: string[] = []
  const nodes = descriptions.map((said, at): ChainNode => {
    const left = [...said]
    const peerId = `peer-${at}`
    const calls = {
      async submit(action: ActionCall) {
        asked.push(peerId)
        const description = left.shift()
        const detail = { code: 'REFUSED', status: 429, description: description ?? '' } as const
        if (description !== undefined)
          throw new ChainRelayError(`The node refused (429): ${description}`, detail)
        done.add(keccak256(action.data))
        return { id: actionId(action.to, action.data), state: 'mined', hash: keccak256(action.data) }
      },
      follow: () => Promise.reject(new Error('unknown')),
    } as unknown as ChainCalls
    return { operatorId: at, peerId, node: zeroAddress, calls }
  })
  const waits = { pollMs: 1, patienceMs: 50, busyMs: 1 }
  const pay = async (peerId: string) => void paid.push(peerId)
  const relay = createRelay({ nodes, network: { chainId: 1 }, account, reader, contracts, pay, waits })
  return { relay, paid, asked, done }
}

const UNPAID = `TOO_MANY_REQUESTS: ${unpaidText(['relay-transaction'], 5n, '0x01')}`
const LIMITS = [
  'TOO_MANY_REQUESTS: The limit of relay-transaction is reached, see offer 0x01',
  'TOO_MANY_REQUESTS: the node has spent what it spends in an hour',
  'TOO_MANY_REQUESTS: this peer has had as many actions as it may',
  'TOO_MANY_REQUESTS: an action that you brought failed on chain',
]

describe('a node that refuses for now', () => {
  it('is paid once if it asks for payment, and then sends', async () => {
    const { relay, paid, asked, done } = refusing([UNPAID])
    await relay.send(CALL)
    expect([paid, asked, done.size]).toEqual([['peer-0'], ['peer-0', 'peer-0'], 1])
  })

  it('is not paid again if it asks for more', async () => {
    const { relay, paid } = refusing([UNPAID, UNPAID, UNPAID])
    await expect(relay.send(CALL)).rejects.toMatchObject({ code: 'NOBODY_SENDS' })
    expect(paid).toEqual(['peer-0'])
  })

  it.each(LIMITS)('is not paid when it says "%s": another one is asked', async (said) => {
    const { relay, paid, asked, done } = refusing([said], [said, said], [said])
    await expect(relay.send(CALL)).rejects.toMatchObject({ code: 'NOBODY_SENDS' })
    expect(paid).toEqual([])
    expect(asked.toSorted()).toEqual(['peer-0', 'peer-1', 'peer-2'])
    expect(done.size).toBe(0)
  })

  it('is waited for when it asks for a second, unpaid, and then left', async () => {
    const busy = 'TOO_MANY_REQUESTS: wait a second'
    const patient = refusing([busy, busy])
    await patient.relay.send(CALL)
    expect([patient.paid, patient.asked.length]).toEqual([[], 3])
    const never = refusing(Array.from({ length: 99 }, () => busy))
    await expect(never.relay.send(CALL)).rejects.toMatchObject({ code: 'NOBODY_SENDS' })
    expect([never.paid, never.asked.length]).toEqual([[], 4])
  })
})

describe('what a node says that it has sent', () => {
  it.each([
    { given: 'a call of the same contract that is another one' },
    { given: 'a call of another contract', to: ADDRESSES.Token },
    { given: 'a transaction that failed', status: 'reverted' },
    { given: 'another action', id: UNRELATED },
  ] as const)('is not believed if it is $given', async (lie) => {
    const { relay, asked, done } = world(lie)
    const { transactionHash } = await relay.send(CALL)
    expect([...done]).toEqual([transactionHash])
    expect(asked.at(-1)).toBe('2')
  })

  it('is not asked for when the contract refuses', async () => {
    const { relay, asked } = world({ refused: true })
    await expect(relay.send(CALL)).rejects.toMatchObject({ code: 'REVERTED' })
    expect(asked).toEqual([])
  })
})
