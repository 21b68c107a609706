import { epochAt } from '@teahouse/protocol/rln'
import {
  decodeMessage,
  encodeMessage,
  messageHash,
  pubsubTopicOf,
  type WakuMessage,
} from '@teahouse/protocol/wire'
import { bytesToHex, type Hex } from 'viem'
import type { Account } from '../account/account.ts'
import type { LedgerView } from '../membership/ledger-view.ts'
import type { Membership } from '../membership/membership.ts'
import type { messageIds } from '../membership/message-ids.ts'
import type { Directory, NodeRecord } from '../net/directory.ts'
import { failover } from '../net/failover.ts'
import type { Peer } from '../net/peer.ts'
import { draftMessage, proveMessage, timestamps, type Draft } from './compose.ts'
import { PushError, SendError } from './errors.ts'
import type { Outgoing, outbox } from './outbox.ts'
import { push } from './push.ts'
import type { Proving } from './proving.ts'

export interface SendOptions extends Draft {
  /** Operator id or peer id of the only node to use; else any, with failover. */
  readonly node?: string | number | undefined
  readonly signal?: AbortSignal | undefined
  /** Told when a step starts that may take a while. */
  readonly onProgress?: ((step: 'proving' | 'publishing' | 'waiting') => void) | undefined
}

export interface SendResult {
  readonly messageHash: Hex
  /** The node that acknowledged it, and how many peers it relayed it to. */
  readonly peerId: string
  readonly relayPeers: number
  readonly epoch: bigint
  readonly messageId: number
  readonly provedInMs: number
}

export interface SenderDeps {
  readonly account: Account
  readonly network: { readonly clusterId: number; readonly shards: number }
  readonly membership: Membership
  readonly ledgerView: LedgerView
  readonly ids: ReturnType<typeof messageIds>
  readonly waiting: ReturnType<typeof outbox>
  readonly directory: Directory
  readonly peer: Peer
  readonly proving: Proving
  readonly now: () => number
}

/** Node statuses that every node would give for the same bytes. */
const FINAL: ReadonlySet<string> = new Set(['BAD_REQUEST', 'PAYLOAD_TOO_LARGE'])
/** What a node says of a message whose time is over. */
const STALE = /TIMESTAMP_OUT_OF_WINDOW|EPOCH_OUT_OF_WINDOW|EXPIRED_ROOT/
/** Half of what nodes allow, so that a clock may be wrong by the other half. */
const MAX_AHEAD_MS = 10_000
/** Time for nodes to see the block that changed the root; they wait for two blocks themselves. */
const ROOT_RETRIES = 5
const ROOT_RETRY_MS = 1_500

/** Sends messages: draft → take an id → prove → keep → publish. */
export function createSender(deps: SenderDeps) {
  const { account, network, membership, ledgerView, ids, waiting, directory, peer, proving, now } = deps
  const timestamp = timestamps(now)
  let usualProofMs = 0
  const topicOf = (contentTopic: string) => pubsubTopicOf(contentTopic, network.clusterId, network.shards)

  /** Light push of a ready message to one node or any, without touching its bytes. */
  async function publish(
    message: WakuMessage,
    { node, signal, onProgress }: Omit<SendOptions, keyof Draft> = {},
  ) {
    const pubsubTopic = topicOf(message.contentTopic)
    const candidates = await directory.candidates('lightpush', node)
    const once = (target: NodeRecord) =>
      push(peer, target, { pubsubTopic, message, signal }).then((result) => ({
        ...result,
        peerId: target.peerId,
      }))
    const mayRetry = (error: unknown) => error instanceof PushError && !FINAL.has(error.code)
    for (let attempt = 1; ; attempt++) {
      try {
        return await failover(candidates, once, mayRetry)
      } catch (error) {
        if (!lagsBehind(error) || attempt >= ROOT_RETRIES) throw error
        onProgress?.('waiting')
        await sleep(ROOT_RETRY_MS, signal)
        signal?.throwIfAborted()
      }
    }
  }

  async function deliver(outgoing: Outgoing, options: Omit<SendOptions, keyof Draft>) {
    try {
      const { peerId, relayPeers } = await publish(decodeMessage(outgoing.bytes), options)
      await waiting.remove(outgoing.messageHash)
      return { peerId, relayPeers }
    } catch (cause) {
      options.signal?.throwIfAborted()
      const { messageHash } = outgoing
      if (refusedWith(cause, STALE)) throw await expired(messageHash, cause)
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new SendError(`No node took the message: ${reason}`, { code: 'NOT_SENT', messageHash }, { cause })
    }
  }

  /** No node will ever take it; its id stays used. */
  async function expired(messageHash: Hex, cause?: unknown): Promise<SendError> {
    await waiting.remove(messageHash)
    return new SendError(
      'The message has become too old to be sent',
      { code: 'EXPIRED', messageHash },
      { cause },
    )
  }

  return {
    publish,
    /**
     * Proves and sends a message. If no node takes it, it stays in the outbox with its proof.
     * @throws SendError, MessageIdError, MembershipError, NetError NO_NODES, WireError INVALID_TOPIC.
     */
    async send(options: SendOptions): Promise<SendResult> {
      const draft = draftMessage(options, timestamp(Math.min(usualProofMs, MAX_AHEAD_MS)))
      const params = await ledgerView.params()
      const ledger = await ledgerView.update()
      const member = membership.activeIn(ledger)
      if (!member) throw new SendError('This account has no active membership', { code: 'NOT_A_MEMBER' })
      await directory.candidates('lightpush', options.node)

      const epochNow = () => epochAt(now() / 1000, params.epochSeconds)
      const { epoch, messageId } = await ids.reserve(epochNow, member.rateLimit)
      options.onProgress?.('proving')
      const startedAt = performance.now()
      const message = await proveMessage(draft, {
        prover: await proving.get(),
        secret: account.rln.secret,
        member,
        ledger,
        identifier: params.identifier,
        epoch,
        messageId,
        signal: options.signal,
      })
      const provedInMs = Math.round(performance.now() - startedAt)
      usualProofMs = provedInMs
      const hash = bytesToHex(messageHash(topicOf(message.contentTopic), message))
      const outgoing = { messageHash: hash, bytes: encodeMessage(message), epoch, messageId }
      await waiting.put(outgoing)
      options.onProgress?.('publishing')
      const delivered = await deliver(outgoing, options)
      return { messageHash: hash, ...delivered, epoch, messageId, provedInMs }
    },
    /** Hashes of messages that no node has acknowledged. */
    pending: () => waiting.list(),
    /** Sends a waiting message again, byte for byte. Throws SendError EXPIRED an epoch after its own. */
    async resend(
      hash: Hex,
      options: Omit<SendOptions, keyof Draft> = {},
    ): Promise<Omit<SendResult, 'provedInMs'>> {
      const outgoing = await waiting.get(hash)
      if (!outgoing)
        throw new SendError(`No message ${hash} waits`, { code: 'NOT_IN_OUTBOX', messageHash: hash })
      const { epochSeconds } = await ledgerView.params()
      if (epochAt(now() / 1000, epochSeconds) > outgoing.epoch + 1n) {
        throw await expired(hash)
      }
      const { epoch, messageId } = outgoing
      return { messageHash: hash, ...(await deliver(outgoing, options)), epoch, messageId }
    },
    /** Gives up a waiting message. Its id stays used. */
    discard: (hash: Hex) => waiting.remove(hash),
  }
}

const lagsBehind = (error: unknown): boolean => refusedWith(error, /UNKNOWN_ROOT/)

function refusedWith(error: unknown, description: RegExp): boolean {
  return error instanceof PushError && description.test(error.detail.description)
}

/** Waits for `ms`, or until stopped. */
function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
    if (signal?.aborted) done()
  })
}
