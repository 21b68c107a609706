import { STORE_PAGE, pubsubTopicOf } from '@teahouse/protocol/wire'
import type { Hex } from 'viem'
import type { Market } from '../market/market.ts'
import type { Preference } from '../market/spread.ts'
import type { Directory, NodeRecord } from '../net/directory.ts'
import { failover } from '../net/failover.ts'
import type { Peer } from '../net/peer.ts'
import { createBudget, withPaid, type Budget } from '../payments/budget.ts'
import { isPaidInVain, isUnpaid } from '../payments/errors.ts'
import type { Till } from '../payments/till.ts'
import { isOverLimit, QueryError } from './errors.ts'
import {
  fetchMessages,
  nothingCollected,
  queryAll,
  queryHashes,
  type Collected,
  type Page,
} from './history.ts'
import { createInbox } from './inbox.ts'
import { paidPage } from './paid-page.ts'
import type { ReceivedMessage } from './received.ts'
import { subscribe, type SubscribeOptions, type Subscription } from './subscription.ts'

export type { Preference } from '../market/spread.ts'

export interface HistoryOptions {
  readonly contentTopic: string
  /** Operator id or peer id of the only node to ask; else any, with failover. */
  readonly node?: string | number | undefined
  /** In which order to ask; by default as the market weighs the nodes, others for each topic. */
  readonly prefer?: Preference | undefined
  /** Peer id of a node that is not asked. */
  readonly except?: string | undefined
  /** Unix seconds. */
  readonly since?: number | undefined
  readonly until?: number | undefined
  /** Newest messages first from the store; the result is in the order of time either way. Default false. */
  readonly newest?: boolean | undefined
  /** At most so many messages. */
  readonly limit?: number | undefined
  /** Messages a page; each page is one paid request. */
  readonly pageSize?: number | undefined
  /** Pay when the node asks for it, at the price of its signed offer. */
  readonly pay?: boolean | undefined
  /**
   * The most to pay in all, whichever nodes are tried, in the token's smallest unit. Without it a page may cost four
   * times what the operator announced on chain, no more than 1 token, and all of them 10 tokens.
   */
  readonly maxPaid?: bigint | undefined
  readonly signal?: AbortSignal | undefined
}

export interface HistoryResult {
  /** From the oldest to the newest. */
  readonly messages: ReceivedMessage[]
  /** What was signed for in vouchers, to all nodes that were tried, in the token's smallest unit. */
  readonly paid: bigint
  readonly pages: number
  readonly peerId: string
  readonly operatorId: number
}

export interface ListenOptions extends SubscribeOptions {
  readonly contentTopic: string
  /** Operator id or peer id of the only node to use; else any, with failover. */
  readonly node?: string | number | undefined
  /** In which order to try nodes; by default as the market weighs them, others for each topic. */
  readonly prefer?: Preference | undefined
}

/** What a second node has that a first did not show. */
export interface Comparison {
  readonly peerId: string
  readonly messages: ReceivedMessage[]
}

export interface ReaderDeps {
  readonly network: { readonly clusterId: number; readonly shards: number }
  readonly directory: Directory
  readonly peer: Peer
  readonly till: Till
  readonly market: Pick<Market, 'preference' | 'watch'>
}

export type Reader = ReturnType<typeof createReader>

/** Reads what others sent: from stores, and as it comes. */
export function createReader({ network, directory, peer, till, market }: ReaderDeps) {
  const inbox = createInbox(peer)
  const topicOf = (contentTopic: string) => pubsubTopicOf(contentTopic, network.clusterId, network.shards)

  /** Reads on where the nodes before it have ended: what they have shown is neither asked for nor paid again. */
  async function read(
    node: NodeRecord,
    pubsubTopic: string,
    options: HistoryOptions,
    { budget, collected }: { readonly budget: Budget; readonly collected: Collected },
  ): Promise<HistoryResult> {
    const { contentTopic, pageSize, limit, signal, pay } = options
    const forward = !options.newest
    const size = Math.min(pageSize ?? STORE_PAGE.max, limit ?? STORE_PAGE.max)
    let { since, until } = options

    const page = (cursor: Uint8Array | undefined): Promise<Page> => {
      const query = { pubsubTopic, contentTopic, since, until, forward, cursor, pageSize: size, signal }
      return paidPage({ peer, till }, node, query, pay ? budget : undefined)
    }

    /** This node may not have the message at which another's page ended; then it goes on from that message's time. */
    async function ask(cursor: Uint8Array | undefined): Promise<Page> {
      const isForeign = cursor !== undefined && cursor === left
      try {
        return await page(cursor)
      } catch (error) {
        const last = [...collected.messages.values()].at(-1)?.timestamp
        const isUnknown =
          error instanceof QueryError && 'status' in error.detail && error.detail.status === 400
        if (!isForeign || !isUnknown || last === undefined) throw error
        const ms = last / 1_000_000n
        if (forward) since = Number(ms) / 1000
        else until = Number(ms + 1n) / 1000
        return await page(undefined)
      }
    }

    const left = collected.cursor
    const progress = { peerId: node.peerId, forward, limit, collected }
    const { messages, pages } = await market.watch(node, () => queryAll(ask, progress))
    return { messages, paid: budget.paid, pages, peerId: node.peerId, operatorId: node.operatorId }
  }

  const orderFor = async (service: string, contentTopic: string, prefer?: Preference): Promise<Preference> =>
    prefer ?? (await market.preference(service, contentTopic))

  return {
    /**
     * All messages of a topic from one node's store.
     * @throws QueryError, PayError, NetError, WireError; `paidBefore` tells what was paid even so.
     */
    async history(options: HistoryOptions): Promise<HistoryResult> {
      const pubsubTopic = topicOf(options.contentTopic)
      const prefer = await orderFor('store-query', options.contentTopic, options.prefer)
      const found = await directory.candidates('store', options.node)
      const candidates = prefer(found.filter(({ peerId }) => peerId !== options.except))
      const budget = createBudget(options.maxPaid)
      const progress = { budget, collected: nothingCollected() }
      const mayRetry = (error: unknown) =>
        (error instanceof QueryError && (!options.pay || isOverLimit(error))) ||
        isUnpaid(error) ||
        isPaidInVain(error)
      try {
        return await failover(candidates, (node) => read(node, pubsubTopic, options, progress), mayRetry)
      } catch (error) {
        throw withPaid(error, budget)
      }
    },
    /**
     * Asks a node other than `first` which messages it has of a stretch of time, and for those that are not `known`. Never
     * pays; undefined if no other node answers.
     */
    async compare(
      options: Pick<HistoryOptions, 'contentTopic' | 'since' | 'until' | 'prefer' | 'signal'>,
      first: string,
      known: (hash: Hex) => boolean,
    ): Promise<Comparison | undefined> {
      const { contentTopic, since, until, signal } = options
      const prefer = await orderFor('store-query', contentTopic, options.prefer)
      const query = { pubsubTopic: topicOf(contentTopic), contentTopic, since, until, forward: true, signal }
      const others = prefer(await directory.candidates('store')).filter(({ peerId }) => peerId !== first)
      try {
        return await failover(
          others,
          async (node) => {
            const unknown = (await queryHashes(peer, node, query)).filter((hash) => !known(hash))
            return { peerId: node.peerId, messages: await fetchMessages(peer, node, query, unknown) }
          },
          () => true,
        )
      } catch {
        signal?.throwIfAborted()
        return undefined
      }
    },
    /**
     * Those of these hashes of which a node says openly that its operator has it keep them no more. Paid as `history`; none if the node does
     * not say.
     */
    async forgotten(
      options: Pick<HistoryOptions, 'pay' | 'maxPaid' | 'signal'>,
      peerId: string,
      hashes: readonly Hex[],
    ): Promise<ReadonlySet<Hex>> {
      const { askForgotten } = await import('./forgotten.ts')
      return await askForgotten({ directory, peer, till }, options, peerId, hashes)
    },
    /** Messages of a topic as nodes push them. */
    listen({ contentTopic, node, prefer, ...options }: ListenOptions): Subscription {
      const topic = { contentTopic, pubsubTopic: topicOf(contentTopic) }
      const candidates = async () =>
        (await orderFor('filter', contentTopic, prefer))(await directory.candidates('filter', node))
      return subscribe({ peer, inbox }, candidates, topic, options)
    },
  }
}
