import { ed25519 } from '@noble/curves/ed25519.js'
import { randomBytes } from '@noble/hashes/utils.js'
import { bytesToHex } from 'viem'
import { network as fileNetwork } from '../../files/testing/network.ts'
import { deliver } from '../../messaging/delivery.ts'
import { SendError } from '../../messaging/errors.ts'
import type { HistoryOptions, Reader } from '../../messaging/reader.ts'
import type { ReceivedMessage } from '../../messaging/received.ts'
import type { ChatIdentity } from '../../secure/types.ts'
import { memoryStore, StorageError, type KeyValueStore } from '../../storage/store.ts'
import type { ChatOptions } from '../engine.ts'
import { openChat } from '../open-chat.ts'

/** A clock that stands still until it is told to go on, but for a millisecond a look. */
export function clock(start = Date.UTC(2026, 10, 26, 12)) {
  let ms = start
  return { now: () => ms++, pass: (by: number) => void (ms += by) }
}

/** Two nodes with all messages, in the hands of a test. */
export function bus(now: () => number) {
  const messages: ReceivedMessage[] = []
  const listeners = new Set<(message: ReceivedMessage) => void>()
  const state = {
    /** How often a store was read. */
    looks: 0,
    /** No node takes anything. */
    down: false,
    /** What the first node keeps to itself, and what is lost altogether. */
    withheld: (_: ReceivedMessage): boolean => false,
    lost: (_: ReceivedMessage): boolean => false,
    /** How often something was to be sent. */
    sends: 0,
    /** What is sent gets through once this is over. */
    slow: undefined as Promise<void> | undefined,
    /** Another process uses the chat of whatever device asks. */
    held: false,
  }
  const blobs = fileNetwork(2, now)
  async function hold(): Promise<() => void> {
    if (state.held) throw new StorageError('Another process holds it', { code: 'LOCKED', waitedMs: 0 })
    return () => undefined
  }
  const within = ({ contentTopic, since = 0, until = Infinity }: HistoryOptions) =>
    messages.filter(({ contentTopic: topic, timestamp }) => {
      const at = Number(timestamp! / 1_000_000n) / 1000
      return topic === contentTopic && at >= since && at < until
    })
  const reader: Pick<Reader, 'history' | 'compare' | 'forgotten' | 'listen'> = {
    history: async (options) => {
      state.looks++
      const found = within(options).filter((message) => !state.withheld(message))
      return { messages: found, paid: 0n, pages: 1, peerId: 'one', operatorId: 1 }
    },
    compare: async (options, _, known) => {
      return { peerId: 'two', messages: within(options).filter(({ messageHash }) => !known(messageHash)) }
    },
    forgotten: async () => new Set(),
    listen: ({ contentTopic, signal }) => {
      const waiting: ReceivedMessage[] = []
      let wake = () => {}
      const push = (message: ReceivedMessage) => {
        if (message.contentTopic !== contentTopic || state.withheld(message)) return
        waiting.push(message)
        wake()
      }
      listeners.add(push)
      signal?.addEventListener('abort', () => wake())
      return {
        ready: Promise.resolve('one'),
        stop: () => undefined,
        async *[Symbol.asyncIterator]() {
          while (!signal?.aborted) {
            const next = waiting.shift()
            if (next) yield next
            else await new Promise<void>((resolve) => (wake = resolve))
          }
          listeners.delete(push)
        },
      }
    },
  }

  async function send({
    contentTopic,
    payload,
  }: {
    contentTopic: string
    payload: Uint8Array
  }): Promise<void> {
    const messageHash = bytesToHex(randomBytes(32))
    state.sends++
    await state.slow
    if (state.down) throw new SendError('away', { code: 'NOT_SENT', messageHash, paid: 0n })
    const message = { messageHash, contentTopic, payload, timestamp: BigInt(now()) * 1_000_000n }
    if (state.lost(message)) return
    messages.push(message)
    for (const push of listeners) push(message)
  }

  /** A device of somebody; the same again over the same storage. */
  async function device(
    who: ChatIdentity,
    storage: KeyValueStore = memoryStore(),
    options: ChatOptions = {},
    { scope, storageKey }: { readonly scope: string; readonly storageKey: Uint8Array } = OWN,
  ) {
    const deps = { reader, storage, scope, now }
    const account = { chat: who as ChatIdentity & { sign(bytes: Uint8Array): Uint8Array }, storageKey }
    const chat = await openChat(
      {
        ...{ account, storage, scope, now, history: reader.history, send },
        files: blobs.open(storage),
        deliver: (wanted) => deliver(deps, wanted),
        resend: async (messageHash) => {
          throw new SendError('too old', { code: 'EXPIRED', messageHash, paid: 0n })
        },
        hold,
        remaining: async () => ({ left: 10, limit: 10 }),
      },
      { ackDelayMs: 5, ...options },
    )
    return { chat, storage }
  }

  return { messages, state, device, blobs }
}

const OWN = { scope: 'test', storageKey: new Uint8Array(32).fill(7) }

export function identity(): ChatIdentity {
  const { secretKey, publicKey } = ed25519.keygen()
  return { publicKey, sign: (message) => ed25519.sign(message, secretKey) }
}
