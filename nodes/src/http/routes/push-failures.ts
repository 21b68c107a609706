import type { Answer } from '../route.ts'

/** The statuses of `/vac/waku/lightpush/3.0.0`, which publishing over HTTP answers with too. */
export const PUSH_FAILURES: Readonly<Record<number, Answer>> = {
  400: { description: 'BAD_REQUEST: no message, or a content topic without a shard.' },
  413: { description: 'PAYLOAD_TOO_LARGE.' },
  420: { description: 'INVALID_MESSAGE: refused by validation; the message says by which check.' },
  421: { description: 'UNSUPPORTED_PUBSUB_TOPIC: the content topic belongs to another shard or cluster.' },
  503: {
    description:
      'SERVICE_NOT_AVAILABLE: the node does not know the members yet, or is overloaded or stopping.',
  },
  504: { description: 'OUT_OF_RLN_PROOF: the node has no membership, or no proof left in this epoch.' },
  505: { description: 'NO_PEERS_TO_RELAY: nothing was kept; or, says the message, it is kept here only.' },
}
