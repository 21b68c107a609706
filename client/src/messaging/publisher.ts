import { pubsubTopicOf, type WakuMessage } from '@teahouse/protocol/wire'
import type { Market } from '../market/market.ts'
import type { Directory, NodeRecord } from '../net/directory.ts'
import { failover } from '../net/failover.ts'
import type { Peer } from '../net/peer.ts'
import { createBudget, withPaid, type Budget } from '../payments/budget.ts'
import { isPaidInVain, isUnpaid, PayError } from '../payments/errors.ts'
import type { Till } from '../payments/till.ts'
import { isOverLimit, PushError } from './errors.ts'
import { push } from './push.ts'
import { sleep } from '../sleep.ts'

export interface PublishOptions {
  /** Operator id or peer id of the only node to use; else any, with failover. */
  readonly node?: string | number | undefined
  /** Pay when the node asks for it, at the price of its signed offer. */
  readonly pay?: boolean | undefined
  /**
   * The most to pay in all, whichever nodes are tried, in the token's smallest unit. Without it a request may cost four
   * times what the operator announced on chain, no more than 1 token, and all of them 10 tokens.
   */
  readonly maxPaid?: bigint | undefined
  readonly signal?: AbortSignal | undefined
  /** Told when a step starts that may take a while. */
  readonly onProgress?: ((step: 'proving' | 'publishing' | 'waiting') => void) | undefined
  /** Told what each node says that does not take the message. */
  readonly onRefused?: ((refusal: PushError) => void) | undefined
}

export interface Published {
  /** The node that acknowledged it, and how many peers it relayed it to. */
  readonly peerId: string
  readonly relayPeers: number
  /** What was signed for in vouchers, to all nodes that were tried, in the token's smallest unit. */
  readonly paid: bigint
}

export interface PublisherDeps {
  readonly network: { readonly clusterId: number; readonly shards: number }
  readonly directory: Directory
  readonly peer: Peer
  readonly till: Till
  readonly market: Pick<Market, 'preference' | 'watch'>
}

export type Publish = ReturnType<typeof createPublisher>

/** Node statuses that every node would give for the same bytes. */
const FINAL: ReadonlySet<string> = new Set(['BAD_REQUEST', 'PAYLOAD_TOO_LARGE'])
/** Time for nodes to see the block that changed the root; they wait for two blocks themselves. */
const ROOT_RETRIES = 5
const ROOT_RETRY_MS = 1_500

/** What one message may pay, and the peer ids of nodes that it has paid. */
interface Payment {
  readonly budget: Budget
  readonly paidAt: Set<string>
}

/** Hands ready messages to nodes, without touching their bytes. */
export function createPublisher({ network, directory, peer, till, market }: PublisherDeps) {
  /** Light push to one node; beyond what peers have free, of a member's quota if the node gives it, else paid for if we may. */
  async function toNode(
    node: NodeRecord,
    message: WakuMessage,
    { signal, pay, budget, paidAt }: PublishOptions & Payment,
  ): Promise<Omit<Published, 'paid'>> {
    const pubsubTopic = pubsubTopicOf(message.contentTopic, network.clusterId, network.shards)
    const attempt = () => push(peer, node, { pubsubTopic, message, signal })
    const order = { lightpush: 1, ...(message.rateLimitProof ? {} : { proof: 1 }) }
    const { peerId } = node
    const refused = async (): Promise<Omit<Published, 'paid'> | PushError> => {
      try {
        return { ...(await attempt()), peerId }
      } catch (error) {
        if (isUnpaidFor(error)) return error
        throw error
      }
    }

    let answer = await refused()
    if (!(answer instanceof PushError)) return answer
    if (paidAt.has(peerId)) throw answer
    if (await till.openQuota(node, order)) {
      answer = await refused()
      if (!(answer instanceof PushError)) return answer
    }
    if (!pay) throw answer
    await till.buy(node, order, budget)
    paidAt.add(peerId)
    answer = await refused()
    if (!(answer instanceof PushError)) return answer
    const detail = { code: 'STILL_UNPAID', peerId, service: 'lightpush' } as const
    throw new PayError(`The node ${peerId} took the payment and wants another`, detail, { cause: answer })
  }

  /**
   * Light push to one node or any; waits for nodes that have not yet seen the newest members. Pays each node once at most.
   * @throws PushError, PayError, NetError; `paidBefore` tells what was paid even so.
   */
  return async function publish(message: WakuMessage, options: PublishOptions = {}): Promise<Published> {
    const { node, signal, onProgress, onRefused, maxPaid } = options
    const prefer = await market.preference('lightpush', message.contentTopic)
    const candidates = prefer(await directory.candidates('lightpush', node))
    const budget = createBudget(maxPaid)
    const paidAt = new Set<string>()

    async function attempt(target: NodeRecord) {
      try {
        return await market.watch(target, () => toNode(target, message, { ...options, budget, paidAt }))
      } catch (error) {
        const refusal = error instanceof PayError ? error.cause : error
        if (refusal instanceof PushError) onRefused?.(refusal)
        throw error
      }
    }

    for (let round = 1; ; round++) {
      try {
        return { ...(await failover(candidates, attempt, mayRetry)), paid: budget.paid }
      } catch (error) {
        if (!refusedWith(error, /UNKNOWN_ROOT/) || round >= ROOT_RETRIES) throw withPaid(error, budget)
        onProgress?.('waiting')
        await sleep(ROOT_RETRY_MS, signal)
        signal?.throwIfAborted()
      }
    }
  }
}

/** True if another node may take what this one did not. */
function mayRetry(error: unknown): boolean {
  return (error instanceof PushError && !FINAL.has(error.code)) || isUnpaid(error) || isPaidInVain(error)
}

/** True for a refusal that a payment may lift. */
function isUnpaidFor(error: unknown): error is PushError {
  return error instanceof PushError && error.code === 'TOO_MANY_REQUESTS' && !isOverLimit(error)
}

/** True for a node's refusal whose description matches. */
export function refusedWith(error: unknown, description: RegExp): boolean {
  return error instanceof PushError && description.test(error.detail.description)
}
