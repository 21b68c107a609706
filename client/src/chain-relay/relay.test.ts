import { abis, contractsAt, type ContractAddresses, type Contracts } from '@teahouse/protocol/chain'
import { actionId, type ActionCall, type ChainCalls } from '@teahouse/protocol/chain-relay'
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
  return { relay, asked, done }
}

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
