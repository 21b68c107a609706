import { TeahouseError } from '@teahouse/protocol/errors'
import type { WakuMessage } from '@teahouse/protocol/wire'
import type { Filter } from './filter/index.ts'
import type { Validate } from './net/index.ts'
import type { Archive } from './store/index.ts'

/** An accepted message could not be kept. */
export class PipelineError extends TeahouseError<{ readonly code: 'LATE' }> {}

export interface PipelineDeps {
  readonly validate: Validate
  readonly archive: Pick<Archive, 'put'>
  readonly filter: Pick<Filter, 'push'>
  /** Told of a peer that sent a proof that does not hold: an honest one checks what it relays. */
  readonly blame: (peerId: string) => void
  /** Whether a peer was turned away: what it still has under way is not looked at. */
  readonly isRefused: (peerId: string) => boolean
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
export function pipeline({ validate, archive, filter, blame, isRefused }: PipelineDeps): Pipeline {
  // Lasting copies of messages whose ephemeral copy went to the subscribers already.
  const pushed = new WeakSet<WakuMessage>()

  return {
    async validate(pubsubTopic, message, source) {
      if (source !== undefined && isRefused(source)) return { result: 'ignore', code: 'SENDER_REFUSED' }
      const verdict = await validate(pubsubTopic, message, source)
      if (verdict.code === 'OK_LASTING') pushed.add(message)
      if (verdict.code === 'INVALID_PROOF' && source !== undefined) blame(source)
      return verdict
    },
    async accepted(pubsubTopic, message) {
      // Its time may have run out since it was validated: what is not kept must not be acknowledged.
      const put = await archive.put(pubsubTopic, message)
      if (put === 'late') throw new PipelineError('The message came too late to be kept', { code: 'LATE' })
      // One message under two proofs is still one message.
      if (put !== 'duplicate' && !pushed.has(message)) filter.push(pubsubTopic, message)
    },
  }
}
