import {
  abis,
  revertError,
  type ContractName,
  type Contracts,
  type LocalNetwork,
} from '@teahouse/protocol/chain'
import { actionId, CHAIN_STATUS, ChainRelayError, type ActionCall } from '@teahouse/protocol/chain-relay'
import {
  encodeFunctionData,
  TransactionReceiptNotFoundError,
  type Abi,
  type Hash,
  type Hex,
  type LocalAccount,
  type PublicClient,
  type TransactionReceipt,
} from 'viem'
import type { Call } from '../chain/call.ts'
import type { NodeFailure } from '../membership/errors.ts'
import { sleep } from '../sleep.ts'
import { ChainNodesError } from './errors.ts'
import { shuffled, type ChainNode } from './nodes.ts'
import { signPermit } from './permit.ts'
import { twinOf } from './twins.ts'

export type Mined = Pick<TransactionReceipt, 'transactionHash' | 'gasUsed' | 'blockNumber' | 'status'>

export interface RelayDeps {
  readonly nodes: readonly ChainNode[]
  readonly network: Pick<LocalNetwork, 'chainId'>
  readonly account: LocalAccount
  readonly reader: Pick<PublicClient, 'getTransactionReceipt' | 'getBlock'>
  readonly contracts: Contracts
  /** Pays a node that asks for it; throws if it can't. */
  readonly pay?: ((peerId: string) => Promise<void>) | undefined
  readonly waits?: Partial<RelayWaits>
}

export interface RelayWaits {
  /** Milliseconds between two looks for a receipt. */
  readonly pollMs: number
  /** Milliseconds after which another node is asked to send it. */
  readonly patienceMs: number
}

const WAITS: RelayWaits = { pollMs: 500, patienceMs: 60_000 }
/** How long what is signed is good: nodes do not send what could be mined too late. */
const GOOD_FOR_SECONDS = 900
/** A refusal of the contract counts when so many nodes tell of it, or all that can be asked. */
const REFUSALS = 2

export type Relay = ReturnType<typeof createRelay>

/** Has nodes send what this account signs: no coin is needed, and no RPC endpoint. */
export function createRelay(deps: RelayDeps) {
  const { nodes, network, account, reader, contracts, pay } = deps
  const { pollMs, patienceMs } = { ...WAITS, ...deps.waits }
  /** Allowances to be signed with the next call of a contract. */
  const allowances = new Map<ContractName, bigint>()

  async function prepare(call: Call): Promise<ActionCall> {
    const { contract, action } = call
    const { timestamp } = await reader.getBlock({ blockTag: 'latest' })
    const deadline = Math.max(Number(timestamp), Math.floor(Date.now() / 1_000)) + GOOD_FOR_SECONDS
    const twin = await twinOf(call, { account, network, contracts, deadline })
    if (!twin) {
      const text = `No node can be asked to ${action}: it takes a transaction of this account itself`
      throw new ChainNodesError(text, { code: 'NOT_RELAYED', action })
    }
    const abi: Abi = abis[contract]
    const to = contracts[contract].address
    const data = encodeFunctionData({ abi, functionName: twin.functionName, args: twin.args })
    const value = allowances.get(contract)
    if (value === undefined) return { to, data }
    const wanted = { spender: to, value, deadline: BigInt(deadline) }
    const args = await signPermit(account, contracts.Token, wanted)
    const permit = encodeFunctionData({ abi, functionName: 'tryPermitFor', args })
    return { to, data: encodeFunctionData({ abi, functionName: 'multicall', args: [[permit, data]] }) }
  }

  /** Hands it to a node, which is paid if it asks for that. */
  async function submit(node: ChainNode, action: ActionCall) {
    try {
      return await node.calls.submit(action)
    } catch (error) {
      if (!pay || statusOf(error) !== CHAIN_STATUS.tooManyRequests) throw error
      await pay(node.peerId)
      return await node.calls.submit(action)
    }
  }

  async function receiptOf(hash: Hash): Promise<Mined | undefined> {
    try {
      return await reader.getTransactionReceipt({ hash })
    } catch (error) {
      if (error instanceof TransactionReceiptNotFoundError) return undefined
      throw error
    }
  }

  /** The receipt, once operators agree on it; undefined if the node lost it, or nothing was seen in time. */
  async function wait(node: ChainNode, id: Hex, first: Hash | undefined): Promise<Mined | undefined> {
    const until = Date.now() + patienceMs
    for (let hash = first; ; await sleep(pollMs)) {
      const receipt = hash && (await receiptOf(hash))
      if (receipt) return receipt
      if (Date.now() > until) return undefined
      const progress = await node.calls.follow(id).catch(() => undefined)
      if (progress?.state === 'lost') return undefined
      hash = progress?.hash ?? hash
    }
  }

  const hashAt = async (node: ChainNode, id: Hex): Promise<Hash | undefined> =>
    (await node.calls.follow(id).catch(() => undefined))?.hash

  async function sendBy(action: ActionCall, what: string): Promise<Mined> {
    const id = actionId(action.to, action.data)
    const failures: NodeFailure[] = []
    const refusals: Hex[] = []
    const tried: ChainNode[] = []
    for (const node of shuffled(nodes)) {
      tried.push(node)
      try {
        const { hash } = await submit(node, action)
        const found = await wait(node, id, hash)
        if (found) return found
        failures.push({ peerId: node.peerId, reason: 'nothing was seen of it in time' })
      } catch (error) {
        if (!(error instanceof Error) || error instanceof ChainNodesError) throw error
        failures.push({ peerId: node.peerId, reason: error.message })
        const revert = revertOf(error)
        if (revert !== undefined) refusals.push(revert)
        if (refusals.length >= REFUSALS) break
      }
    }
    // A node that was silent may have sent it all the same: then the others refuse it, as done already.
    const hashes = (await Promise.all(tried.map((node) => hashAt(node, id)))).filter(
      (hash) => hash !== undefined,
    )
    for (const hash of hashes) {
      const seen = await receiptOf(hash)
      if (seen) return seen
    }
    if (refusals[0] !== undefined) throw revertError(refusals[0])
    if (hashes.length > 0) {
      const text = `A node took on to ${what} (${hashes[0]}), and nothing was seen of it in time`
      throw new ChainNodesError(text, { code: 'NOT_SEEN', action: what, hash: hashes[0] })
    }
    const why = failures.map(({ peerId, reason }) => `\n  ${peerId}: ${reason}`).join('')
    throw new ChainNodesError(`No node would ${what}${why}`, { code: 'NOBODY_SENDS', action: what, failures })
  }

  return {
    /** Lets a contract take so much of the token, by a permit that goes with the next call of it. */
    allow: (spender: ContractName, amount: bigint): void => void allowances.set(spender, amount),
    /**
     * Signs a call, has a node send it and waits until operators agree that it is mined. Another node gets the same signed call, which
     * the contract takes once. Throws ChainNodesError, ChainError REVERTED, and what reading throws.
     */
    async send(call: Call): Promise<Mined> {
      const action = await prepare(call)
      const mined = await sendBy(action, call.action)
      allowances.delete(call.contract)
      return mined
    },
  }
}

const statusOf = (error: unknown): number =>
  error instanceof ChainRelayError && error.detail.code === 'REFUSED' ? error.detail.status : 0

const revertOf = (error: unknown): Hex | undefined =>
  error instanceof ChainRelayError && error.detail.code === 'REFUSED' ? error.detail.revert : undefined
