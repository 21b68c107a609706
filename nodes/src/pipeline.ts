import type { WakuMessage } from '@teahouse/protocol/wire'
import type { Filter } from './filter/index.ts'
import type { Validate } from './net/index.ts'
import type { Archive } from './store/index.ts'

export interface PipelineDeps {
  readonly validate: Validate
  readonly archive: Pick<Archive, 'put'>
  readonly filter: Pick<Filter, 'push'>
}

/** The way of a message through the node: validate → keep → hand to subscribers. Relay and light push both take it. */
export interface Pipeline {
  readonly validate: Validate
  /** Keeps an accepted message, on disk when it returns, and pushes it to those who subscribed to its topic. */
  accepted(pubsubTopic: string, message: WakuMessage): void
}

/** Builds the pipeline; the arrows are the calls. */
export function pipeline({ validate, archive, filter }: PipelineDeps): Pipeline {
  // Lasting copies of messages whose ephemeral copy went to the subscribers already.
  const pushed = new WeakSet<WakuMessage>()

  return {
    async validate(pubsubTopic, message) {
      const verdict = await validate(pubsubTopic, message)
      if (verdict.code === 'OK_LASTING') pushed.add(message)
      return verdict
    },
    accepted(pubsubTopic, message) {
      archive.put(pubsubTopic, message)
      if (!pushed.has(message)) filter.push(pubsubTopic, message)
    },
  }
}
