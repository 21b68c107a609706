import {
  decodeWakeAnswer,
  encodeWakeRequest,
  MAX_WAKE_ANSWER_BYTES,
  WAKE_STATUS,
  WakeWireError,
  type WakeAnswer,
  type WakeQuestion,
} from '@teahouse/protocol/wake'
import { PROTOCOLS } from '@teahouse/protocol/wire'
import { requestId } from '../messaging/request-id.ts'
import type { Directory } from '../net/directory.ts'
import { NetError } from '../net/errors.ts'
import type { Peer } from '../net/peer.ts'
import { WakeError } from './errors.ts'

export interface WakeOptions {
  /** URL of a push service that reaches this device: of a Web Push subscription, or of UnifiedPush. Keep it secret. */
  readonly endpoint: string
  /** Content topics whose messages wake it, such as `chat.wakeTopics()`; 64 at most. */
  readonly topics: readonly string[]
  /** 7 by default, which is the most that nodes take unless they say otherwise. */
  readonly days?: number | undefined
  /** Operator id or peer id. */
  readonly node: string | number
  readonly signal?: AbortSignal | undefined
}

const DAY_SECONDS = 86_400
/** A node tries the endpoint before it takes it. */
const TIMEOUT_MS = 25_000

/** Has nodes wake this device by signals that say nothing. What a node and a push service learn: docs/privacy.md. */
export function createWake(deps: {
  readonly directory: Pick<Directory, 'candidates'>
  readonly peer: Pick<Peer, 'request'>
  readonly now: () => number
}) {
  async function ask(
    wanted: string | number,
    question: WakeQuestion | undefined,
    signal: AbortSignal | undefined,
  ): Promise<WakeAnswer> {
    const [node] = await deps.directory.candidates('store', wanted)
    const { peerId } = node!
    const options = { maxBytes: MAX_WAKE_ANSWER_BYTES, timeoutMs: TIMEOUT_MS, signal }
    const bytes = await deps.peer.request(
      node!,
      PROTOCOLS.wake,
      encodeWakeRequest(question, requestId()),
      options,
    )
    const answer = read(peerId, bytes)
    const { status, description } = answer
    if (status === WAKE_STATUS.ok) return answer
    const detail = { code: 'REFUSED', status, description, peerId } as const
    throw new WakeError(`The node does not wake this device: ${status}, ${description}`, detail)
  }

  return {
    /**
     * What the signals of a node are signed with, 65 bytes: `applicationServerKey` when a page subscribes to push.
     * @throws NetError; WakeError REFUSED.
     */
    key: async (node: string | number, signal?: AbortSignal): Promise<Uint8Array> =>
      (await ask(node, undefined, signal)).vapidKey,
    /** Until when the node wakes this device, unix seconds. Called again for an endpoint, it replaces what was wanted. Throws like `key`. */
    async subscribe({ endpoint, topics, days = 7, node, signal }: WakeOptions): Promise<number> {
      const until = Math.floor(deps.now() / 1_000) + days * DAY_SECONDS
      return (await ask(node, { endpoint, topics, until }, signal)).until
    },
    /** Has the node forget an endpoint. Throws like `key`. */
    async cancel(endpoint: string, node: string | number, signal?: AbortSignal): Promise<void> {
      await ask(node, { endpoint, topics: [], until: 0 }, signal)
    },
  }
}

function read(peerId: string, bytes: Uint8Array): WakeAnswer {
  try {
    return decodeWakeAnswer(bytes)
  } catch (error) {
    if (!(error instanceof WakeWireError)) throw error
    const detail = { code: 'BAD_ANSWER', peerId, protocol: PROTOCOLS.wake } as const
    throw new NetError(`The answer of ${peerId} can't be used: ${error.detail.what}`, detail, {
      cause: error,
    })
  }
}
