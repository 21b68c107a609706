import { pubsubTopicOf, type WakuMessage } from '@teahouse/protocol/wire'
import type { Market } from '../market/market.ts'
import type { Directory, NodeRecord } from '../net/directory.ts'
import { failover } from '../net/failover.ts'
import type { Peer } from '../net/peer.ts'
import { createBudget, withPaid, type Budget } from '../payments/budget.ts'
import { isUnpaid } from '../payments/errors.ts'
import type { Till } from '../payments/till.ts'
import { PushError } from './errors.ts'
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

/** Hands ready messages to nodes, without touching their bytes. */
export function createPublisher({ network, directory, peer, till, market }: PublisherDeps) {
  /** Light push to one node, paid for if it asks and we may. */
  async function toNode(
    node: NodeRecord,
    message: WakuMessage,
    { signal, pay, budget }: PublishOptions & { budget: Budget },
  ): Promise<Omit<Published, 'paid'>> {
    const pubsubTopic = pubsubTopicOf(message.contentTopic, network.clusterId, network.shards)
    const attempt = () => push(peer, node, { pubsubTopic, message, signal })
    const { peerId } = node
    try {
      return { ...(await attempt()), peerId }
    } catch (error) {
      if (!pay || !(error instanceof PushError) || error.code !== 'TOO_MANY_REQUESTS') throw error
      await till.buy(node, { lightpush: 1, ...(message.rateLimitProof ? {} : { proof: 1 }) }, budget)
      return { ...(await attempt()), peerId }
    }
  }

  /**
   * Light push to one node or any; waits for nodes that have not yet seen the newest members.
   * @throws PushError, PayError, NetError; `paidBefore` tells what was paid even so.
   */
  return async function publish(message: WakuMessage, options: PublishOptions = {}): Promise<Published> {
    const { node, signal, onProgress, onRefused, maxPaid } = options
    const prefer = await market.preference('lightpush', message.contentTopic)
    const candidates = prefer(await directory.candidates('lightpush', node))
    const budget = createBudget(maxPaid)

    async function attempt(target: NodeRecord) {
      try {
        return await market.watch(target, () => toNode(target, message, { ...options, budget }))
      } catch (error) {
        if (error instanceof PushError) onRefused?.(error)
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
  return (error instanceof PushError && !FINAL.has(error.code)) || isUnpaid(error)
}

/** True for a node's refusal whose description matches. */
export function refusedWith(error: unknown, description: RegExp): boolean {
  return error instanceof PushError && description.test(error.detail.description)
}
