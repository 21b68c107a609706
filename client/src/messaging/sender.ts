import { epochAt, type ProofPath } from '@teahouse/protocol/rln'
import { decodeMessage, encodeMessage, messageHash, pubsubTopicOf } from '@teahouse/protocol/wire'
import { bytesToHex, type Hex } from 'viem'
import type { Account } from '../account/account.ts'
import type { Membership } from '../membership/membership.ts'
import type { MessageIds } from '../membership/message-ids.ts'
import type { MemberView, RecentView } from '../membership/view.ts'
import type { Directory } from '../net/directory.ts'
import { paidBefore } from '../payments/budget.ts'
import type { Slots } from '../proving/slots.ts'
import { draftMessage, timestamps, type Draft } from './compose.ts'
import { SendError, type PushError } from './errors.ts'
import type { Outgoing, outbox } from './outbox.ts'
import type { Proving } from './proving.ts'
import { refusedWith, type Publish, type Published, type PublishOptions } from './publisher.ts'

export interface SendOptions extends Draft, PublishOptions {}

export interface SendResult extends Published {
  readonly messageHash: Hex
  readonly epoch: bigint
  /** Counted from 0 in each epoch. */
  readonly messageId: number
  /** Messages left in this epoch for all devices of the account, as far as this one knows without asking. */
  readonly left: number
  /** Whether the proof was finished from a slot, or made with or without sums kept from an earlier one. */
  readonly proof: ProofPath
  readonly provedInMs: number
}

export interface SenderDeps {
  readonly account: Account
  readonly network: { readonly clusterId: number; readonly shards: number }
  readonly membership: Membership
  readonly ledgerView: RecentView
  readonly slots: Pick<Slots, 'permit'>
  readonly ids: Pick<MessageIds, 'left'>
  readonly waiting: ReturnType<typeof outbox>
  readonly directory: Directory
  readonly publish: Publish
  readonly proving: Pick<Proving, 'usualMs' | 'prove'>
  readonly now: () => number
}

/** What a node says of a message whose time is over. */
const STALE = /TIMESTAMP_OUT_OF_WINDOW|EPOCH_OUT_OF_WINDOW|EXPIRED_ROOT/
/** Half of what nodes allow, so that a clock may be wrong by the other half. */
const MAX_AHEAD_MS = 10_000

/** Sends messages: draft → take an id, and its slot if there is one → prove → keep → publish. */
export function createSender(deps: SenderDeps) {
  const { account, network, membership, ledgerView, slots, ids, waiting, directory, publish, proving, now } =
    deps
  const timestamp = timestamps(now)
  const topicOf = (contentTopic: string) => pubsubTopicOf(contentTopic, network.clusterId, network.shards)

  async function deliver(outgoing: Outgoing, options: PublishOptions): Promise<Published> {
    const { messageHash } = outgoing
    /** The last word of each node; one alone can't make us give up. */
    const refusals = new Map<string, PushError>()
    const onRefused = (refusal: PushError) => {
      refusals.set(refusal.detail.peerId, refusal)
      options.onRefused?.(refusal)
    }
    try {
      const published = await publish(decodeMessage(outgoing.bytes), { ...options, onRefused })
      await waiting.remove(messageHash)
      return published
    } catch (cause) {
      options.signal?.throwIfAborted()
      const isStale = [...refusals.values()].every((refusal) => refusedWith(refusal, STALE))
      if (isStale && refusals.size > 0) throw await expired(messageHash, cause)
      const reason = cause instanceof Error ? cause.message : String(cause)
      const detail = { code: 'NOT_SENT', messageHash, paid: paidBefore(cause) } as const
      throw new SendError(`No node took the message: ${reason}`, detail, { cause })
    }
  }

  /** No node will ever take it; its id stays used. */
  async function expired(messageHash: Hex, cause?: unknown): Promise<SendError> {
    await waiting.remove(messageHash)
    return new SendError(
      'The message has become too old to be sent',
      { code: 'EXPIRED', messageHash, paid: paidBefore(cause) },
      { cause },
    )
  }

  return {
    /**
     * Proves and sends a message. If no node takes it, it stays in the outbox with its proof.
     * @throws SendError, MessageIdError, LeaseError, MembershipError, NetError NO_NODES, WireError INVALID_TOPIC.
     */
    async send(options: SendOptions): Promise<SendResult> {
      const undated = draftMessage(options, 0n)
      const params = await ledgerView.params()
      const epochNow = () => epochAt(now() / 1000, params.epochSeconds)
      const within = (ledger: MemberView) => {
        const member = membership.activeIn(ledger)
        return member && { member, ledger, epochNow }
      }
      const current = async () => {
        const found = within(await ledgerView.update())
        if (found) return found
        throw new SendError('This account has no active membership', { code: 'NOT_A_MEMBER' })
      }
      // A slot is good under a root that was seen lately; a proof is made under the newest.
      const seen = within(await ledgerView.recent()) ?? (await current())
      await directory.candidates('lightpush', options.node)

      const { epoch, messageId, slot, refreshed = seen } = await slots.permit(seen, current)
      const { member, ledger } = refreshed
      if (!slot) options.onProgress?.('proving')
      const ahead = slot ? 0 : Math.min(await proving.usualMs(), MAX_AHEAD_MS)
      const draft = { ...undated, timestamp: timestamp(ahead) }
      const { secret } = account.rln
      const context = { secret, member, ledger, identifier: params.identifier, epoch, messageId }
      const { signal } = options
      const { message, path, tookMs } = await proving.prove(draft, { ...context, slot, signal })
      const hash = bytesToHex(messageHash(topicOf(message.contentTopic), message))
      const outgoing = { messageHash: hash, bytes: encodeMessage(message), epoch, messageId }
      await waiting.put(outgoing)
      options.onProgress?.('publishing')
      const delivered = await deliver(outgoing, options)
      const left = ids.left(epoch, member.rateLimit)
      return { messageHash: hash, ...delivered, epoch, messageId, left, proof: path, provedInMs: tookMs }
    },
    /** Hashes of messages that no node has acknowledged. */
    pending: () => waiting.list(),
    /** Sends a waiting message again, byte for byte. Throws SendError EXPIRED an epoch after its own. */
    async resend(
      hash: Hex,
      options: PublishOptions = {},
    ): Promise<Omit<SendResult, 'left' | 'proof' | 'provedInMs'>> {
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
