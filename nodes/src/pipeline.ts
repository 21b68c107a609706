import { TeahouseError } from '@teahouse/protocol/errors'
import { messageHash, type WakuMessage } from '@teahouse/protocol/wire'
import type { Filter } from './filter/index.ts'
import type { Validate } from './net/index.ts'
import type { Verdict } from './rln/verdict.ts'
import { isOutOfRoom, type Room } from './storage/index.ts'
import type { Archive } from './store/index.ts'

/** An accepted message could not be kept. */
export class PipelineError extends TeahouseError<{ readonly code: 'LATE' | 'FORGOTTEN' }> {}

export interface PipelineDeps {
  readonly validate: Validate
  readonly archive: Pick<Archive, 'put'>
  readonly filter: Pick<Filter, 'push'>
  /** Told of a peer that sent a proof that does not hold: an honest one checks what it relays. */
  readonly blame: (peerId: string) => void
  /** Whether a peer was turned away: what it still has under way is not looked at. */
  readonly isRefused: (peerId: string) => boolean
  /** Whether the operator has the node keep a message no more: then it is not forwarded either. */
  readonly isForgotten: (pubsubTopic: string, message: WakuMessage) => boolean
  /** The room on the disk: without any, nothing new is accepted, since all of it leaves traces there. */
  readonly room: Room
}

/** The way of a message through the node: validate → keep → hand to subscribers. Relay and light push both take it. */
export interface Pipeline {
  readonly validate: Validate
  /**
   * Keeps an accepted message and pushes it to those who subscribed; it is on disk when this resolves. Throws PipelineError and
   * ArchiveError: then it must be neither forwarded nor acknowledged.
   */
  accepted(pubsubTopic: string, message: WakuMessage): Promise<void>
}

/** Builds the pipeline; the arrows are the calls. */
export function pipeline({
  validate,
  archive,
  filter,
  blame,
  isRefused,
  isForgotten,
  room,
}: PipelineDeps): Pipeline {
  // Lasting copies of messages whose ephemeral copy went to the subscribers already.
  const pushed = new WeakSet<WakuMessage>()
  const handedOn = recentHashes()

  return {
    async validate(pubsubTopic, message, source) {
      if (source !== undefined && isRefused(source)) return { result: 'ignore', code: 'SENDER_REFUSED' }
      if (!room.has(message.payload.byteLength)) return { result: 'ignore', code: 'DISK_FULL' }
      const verdict = await validate(pubsubTopic, message, source).catch((err: unknown): Verdict => {
        if (!isOutOfRoom(err)) throw err
        room.ranOut()
        return { result: 'ignore', code: 'DISK_FULL' }
      })
      // A copy of one is acknowledged no more than the first: nobody may think that it is kept.
      const isGood = verdict.result === 'accept' || verdict.code === 'DUPLICATE'
      if (isGood && isForgotten(pubsubTopic, message)) return { result: 'ignore', code: 'FORGOTTEN' }
      if (verdict.code === 'OK_LASTING') pushed.add(message)
      if (verdict.code === 'INVALID_PROOF' && source !== undefined) blame(source)
      return verdict
    },
    async accepted(pubsubTopic, message) {
      // Its time may have run out since it was validated: what is not kept must not be acknowledged.
      const put = await archive.put(pubsubTopic, message)
      if (put === 'late') throw new PipelineError('The message came too late to be kept', { code: 'LATE' })
      if (put === 'forgotten') throw new PipelineError('The message is not kept here', { code: 'FORGOTTEN' })
      // One message under two proofs is still one message. That the archive has it says nothing: another node may share it.
      const isNew = put === 'ephemeral' || handedOn.add(messageHash(pubsubTopic, message))
      if (isNew && !pushed.has(message)) filter.push(pubsubTopic, message)
    },
  }
}

/** Messages remembered; they are accepted within 20 s of their time, so this is enough for hundreds a second. */
const REMEMBERED = 50_000

/** The hashes of the newest messages. */
function recentHashes() {
  const hashes = new Set<string>()
  return {
    /** False if it is there already. */
    add(hash: Uint8Array): boolean {
      const key = Buffer.from(hash).toString('latin1')
      if (hashes.has(key)) return false
      hashes.add(key)
      for (const oldest of hashes) {
        if (hashes.size <= REMEMBERED) break
        hashes.delete(oldest)
      }
      return true
    },
  }
}
