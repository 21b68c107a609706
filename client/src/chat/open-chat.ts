import type { Hex } from 'viem'
import type { Account } from '../account/account.ts'
import type { Files } from '../files/files.ts'
import type { Weigh } from '../market/spread.ts'
import type { DeliverOptions, Delivery } from '../messaging/delivery.ts'
import type { HistoryOptions, HistoryResult } from '../messaging/reader.ts'
import type { SendOptions } from '../messaging/sender.ts'
import { createSessions } from '../secure/sessions.ts'
import { sealedStore } from '../storage/sealed-store.ts'
import type { KeyValueStore } from '../storage/store.ts'
import { createChat } from './chat.ts'
import type { ChatOptions } from './engine.ts'

export interface OpenChatDeps {
  readonly account: Pick<Account, 'chat' | 'storageKey'>
  readonly storage: KeyValueStore
  /** Names account and network in the storage. */
  readonly scope: string
  /** Where the bytes of attachments go; with a store of its own, which `wipe` empties. */
  readonly files: Pick<Files, 'put' | 'get' | 'forget' | 'wipe'>
  readonly history: (options: HistoryOptions) => Promise<HistoryResult>
  readonly deliver: (options: DeliverOptions) => Delivery
  readonly send: (message: SendOptions) => Promise<unknown>
  readonly resend: (hash: Hex) => Promise<unknown>
  /** Makes sure that no other process uses this device's chat, until the result is called; waits for none. */
  readonly hold: () => Promise<() => void>
  /** Messages that may still be sent in this epoch, for cover traffic. */
  readonly remaining?: (() => Promise<{ readonly left: number; readonly limit: number }>) | undefined
  /** How nodes are weighed when topics are spread over them; all alike without it. */
  readonly weigh?: Weigh | undefined
  readonly now: () => number
}

/** The chat of an account on this device: its store and its encryption, opened. Throws StorageError, SecureError. */
export async function openChat(deps: OpenChatDeps, options: ChatOptions = {}) {
  const { account, storage, scope, now } = deps
  const store = sealedStore(storage, { key: account.storageKey, scope })
  const secure = `secure/${scope}`
  const sessions = await createSessions({
    ...{ storage, storageKey: account.storageKey, scope: secure, identity: account.chat, now },
  })
  const chat = await createChat({ ...deps, identity: account.chat, sessions, store }, options)
  return {
    ...chat,
    /** Deletes contacts, messages, keys and sessions of this device for good, and stops. Others are told nothing. */
    async wipe(): Promise<void> {
      await chat.stop()
      await deps.files.wipe()
      await store.wipe()
      for (const key of await storage.keys(`${secure}/`)) await storage.delete(key)
    },
  }
}

export type Chat = Awaited<ReturnType<typeof openChat>>
