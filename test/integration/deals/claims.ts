import { abis } from '@teahouse/protocol/chain'
import {
  decodeFunctionData,
  isAddressEqual,
  parseTransaction,
  type Abi,
  type Address,
  type Hash,
  type Hex,
} from 'viem'
import type { Client } from '@teahouse/client'
import { nodeClient } from '@teahouse/client/node'
import { newRpcProxy, type TestChain } from '../../support/index.ts'
import type { TestNetwork } from '../client/network.ts'

const abi: Abi = abis.RedEnvelope

/** A claim as it was mined. */
export interface MinedClaim {
  /** Who sent it. */
  readonly sender: Address
  /** What a call with this recipient would have paid in its place: of the block before. Rejects with the contract's error. */
  inItsPlace(recipient?: Address): Promise<unknown>
  /** The same now. */
  now(recipient?: Address): Promise<unknown>
}

/** Where the recipient stands among the arguments. */
const RECIPIENT: Readonly<Record<string, number>> = { claimShare: 3, claimGatedShare: 1 }

/** Reads a claim from the chain. */
export async function claimIn({ client, contracts }: TestChain, hash: Hash): Promise<MinedClaim> {
  const { from: sender, input, blockNumber } = await client.getTransaction({ hash })
  const { functionName, args = [] } = decodeFunctionData({ abi, data: input })
  const at = RECIPIENT[functionName]!
  async function pays(recipient = args[at] as Address, block?: bigint): Promise<unknown> {
    const call = { abi, address: contracts.RedEnvelope, functionName, args: args.with(at, recipient) }
    const { result } = await client.simulateContract({ ...call, ...(block && { blockNumber: block }) })
    return result
  }
  return {
    sender,
    inItsPlace: (recipient) => pays(recipient, blockNumber - 1n),
    now: (recipient) => pays(recipient),
  }
}

/** A client that loses the chain at its first transaction to a contract: `before` it is sent, or `after`. */
export async function cutOff(
  { network }: Pick<TestNetwork, 'network'>,
  { account, dir }: Awaited<ReturnType<TestNetwork['person']>>,
  { to, when }: { readonly to: Address; readonly when: 'before' | 'after' },
): Promise<{ client: Client; stop: () => Promise<void> }> {
  const proxy = await newRpcProxy(network.rpcUrl!)
  let isCut = false
  proxy.pass = (method, params) => {
    if (isCut || method !== 'eth_sendRawTransaction') return !isCut
    const [raw] = params as [Hex]
    isCut = isAddressEqual(parseTransaction(raw).to!, to)
    return when === 'after' || !isCut
  }
  proxy.alter = (_, result) => {
    if (isCut) throw new Error('cut')
    return result
  }
  const client = await nodeClient({ network: { ...network, rpcUrl: proxy.url }, account, dir })
  return {
    client,
    async stop() {
      await client.stop()
      await proxy.shut()
    },
  }
}
