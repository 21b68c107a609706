import {
  abis,
  revertError,
  type ContractName,
  type ContractReaders,
  type LocalNetwork,
} from '@teahouse/protocol/chain'
import { actionId, CHAIN_STATUS, ChainRelayError, type ActionCall } from '@teahouse/protocol/chain-relay'
import {
  encodeFunctionData,
  isAddressEqual,
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
import { isToPay, isToWait, refusedWith } from './node-refusal.ts'
import { signPermit } from './permit.ts'
import { refusalOf, type Joining } from './refusal.ts'
import { twinOf } from './twins.ts'

export type Mined = Pick<TransactionReceipt, 'transactionHash' | 'gasUsed' | 'blockNumber' | 'status'>

export interface RelayDeps {
  readonly nodes: readonly ChainNode[]
  readonly network: Pick<LocalNetwork, 'chainId'>
  readonly account: LocalAccount
  readonly reader: Pick<PublicClient, 'getTransactionReceipt' | 'getBlock' | 'call'>
  readonly contracts: ContractReaders
  /** Pays a node that asks for it; throws if it can't. */
  readonly pay?: ((peerId: string) => Promise<void>) | undefined
  readonly waits?: Partial<RelayWaits>
}

export interface RelayWaits {
  /** Milliseconds between two looks for a receipt. */
  readonly pollMs: number
  /** Milliseconds after which another node is asked to send it. */
  readonly patienceMs: number
  /** Milliseconds that a node is left alone which says that it is asked too much. */
  readonly busyMs: number
}

type Receipt = Mined & Pick<TransactionReceipt, 'to'>

interface Tried {
  readonly id: Hex
  readonly failures: readonly NodeFailure[]
  readonly tried: readonly ChainNode[]
}

const WAITS: RelayWaits = { pollMs: 500, patienceMs: 60_000, busyMs: 1_000 }
/** How often a node that is busy is asked again before another one is. */
const BUSY_TRIES = 3
/** How long what is signed is good: nodes do not send what could be mined too late. */
const GOOD_FOR_SECONDS = 900
/** Looks at the chain before what it says is believed: it may be about a block that is a little old. */
const LOOKS = 4

/** What is signed, and what it does if it makes a member. */
interface Prepared extends ActionCall {
  readonly joining: Joining | undefined
}

export type Relay = ReturnType<typeof createRelay>

/** Has nodes send what this account signs: no coin is needed, and no RPC endpoint. */
export function createRelay(deps: RelayDeps) {
  const { nodes, network, account, reader, contracts, pay } = deps
  const { pollMs, patienceMs, busyMs } = { ...WAITS, ...deps.waits }
  /** Allowances to be signed with the next call of a contract. */
  const allowances = new Map<ContractName, bigint>()

  async function prepare(call: Call): Promise<Prepared> {
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
    const joining = joiningOf(call)
    // Of this call alone: a permit must not go with another one, should this fail.
    const value = allowances.get(contract)
    allowances.delete(contract)
    if (value === undefined) return { to, data, joining }
    const wanted = { spender: to, value, deadline: BigInt(deadline) }
    const args = await signPermit(account, contracts.Token, wanted)
    const permit = encodeFunctionData({ abi, functionName: 'tryPermitFor', args })
    const both = encodeFunctionData({ abi, functionName: 'multicall', args: [[permit, data]] })
    return { to, data: both, joining }
  }

  const refusal = ({ joining, ...action }: Prepared): Promise<Hex | undefined> =>
    refusalOf({ reader, contracts }, action, joining)

  /** Looks some times whether the contract would take the action: undefined as soon as it would. */
  async function refusedFor(action: Prepared): Promise<Hex | undefined> {
    for (let look = 1; ; look++) {
      const revert = await refusal(action)
      if (revert === undefined || look === LOOKS) return revert
      await sleep(pollMs)
    }
  }

  /**
   * Whether a transaction that a node names can have been the action: it was a call of the contract and succeeded, and the contract, which
   * took the action before and takes it once, does not take it any more.
   */
  async function isDone(action: Prepared, { status, to }: Receipt): Promise<boolean> {
    if (status !== 'success' || !to || !isAddressEqual(to, action.to)) return false
    for (let look = 1; ; look++) {
      if ((await refusal(action)) !== undefined) return true
      if (look === LOOKS) return false
      await sleep(pollMs)
    }
  }

  /** Hands it to a node, which is paid if it asks for that, and asked again if it asks for a second. */
  async function submit(node: ChainNode, { to, data }: ActionCall) {
    let hasPaid = false
    for (let left = BUSY_TRIES; ; left--) {
      try {
        return await node.calls.submit({ to, data })
      } catch (error) {
        if (pay && !hasPaid && isToPay(error)) {
          await pay(node.peerId)
          hasPaid = true
        } else if (left > 0 && isToWait(error)) await sleep(busyMs)
        else throw error
      }
    }
  }

  async function receiptOf(hash: Hash): Promise<Receipt | undefined> {
    try {
      return await reader.getTransactionReceipt({ hash })
    } catch (error) {
      if (error instanceof TransactionReceiptNotFoundError) return undefined
      throw error
    }
  }

  /** The receipt, once operators agree on it; undefined if the node lost it, or nothing was seen in time. Throws if it is of something else. */
  async function wait(node: ChainNode, action: Prepared, id: Hex): Promise<Mined | undefined> {
    const progress = await submit(node, action)
    if (progress.id !== id) throw notThis('it is about another action')
    const until = Date.now() + patienceMs
    for (let { hash } = progress; ; await sleep(pollMs)) {
      const receipt = hash && (await receiptOf(hash))
      if (receipt && (await isDone(action, receipt))) return receipt
      if (receipt) throw notThis(`transaction ${hash} is not the action`)
      if (Date.now() > until) return undefined
      const progress = await node.calls.follow(id).catch(() => undefined)
      if (progress?.state === 'lost') return undefined
      hash = progress?.hash ?? hash
    }
  }

  const hashAt = async (node: ChainNode, id: Hex): Promise<Hash | undefined> =>
    (await node.calls.follow(id).catch(() => undefined))?.hash

  async function sendBy(action: Prepared, what: string): Promise<Mined> {
    const before = await refusedFor(action)
    if (before !== undefined) throw revertError(before)
    const id = actionId(action.to, action.data)
    const failures: NodeFailure[] = []
    const tried: ChainNode[] = []
    for (const node of shuffled(nodes)) {
      tried.push(node)
      try {
        const found = await wait(node, action, id)
        if (found) return found
        failures.push({ peerId: node.peerId, reason: 'nothing was seen of it in time' })
      } catch (error) {
        if (!(error instanceof Error) || error instanceof ChainNodesError) throw error
        failures.push({ peerId: node.peerId, reason: error.message })
        // A node's word that the contract refuses is not enough to give up.
        if (isRefusal(error) && (await refusal(action).catch(() => undefined)) !== undefined) break
      }
    }
    return await lookBack(action, what, { id, failures, tried })
  }

  /** A node that was silent may have sent it all the same: then the others refuse it, as done already. */
  async function lookBack(action: Prepared, what: string, { id, failures, tried }: Tried): Promise<Mined> {
    const hashes = (await Promise.all(tried.map((node) => hashAt(node, id)))).filter(
      (hash) => hash !== undefined,
    )
    for (const hash of hashes) {
      const seen = await receiptOf(hash)
      if (seen && (await isDone(action, seen))) return seen
    }
    const revert = await refusal(action)
    if (revert !== undefined) throw revertError(revert)
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
      return await sendBy(await prepare(call), call.action)
    },
  }
}

const isRefusal = (error: unknown): boolean => refusedWith(error, CHAIN_STATUS.reverted)

const notThis = (what: string): ChainRelayError =>
  new ChainRelayError(`The node's word can't be used: ${what}`, { code: 'BAD_ANSWER', what })

function joiningOf({ contract, functionName, args }: Call): Joining | undefined {
  if (contract !== 'MembershipRegistry' || functionName !== 'register') return undefined
  const [commitment, , holder] = args as readonly [bigint, number, Joining['holder']]
  return { commitment, holder }
}
