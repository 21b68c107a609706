import type { Address } from 'viem'
import type { Account } from '../account/account.ts'
import type { Chain } from '../chain/chain.ts'
import type { Chat } from '../chat/open-chat.ts'
import { createEnvelopes } from '../envelopes/envelopes.ts'
import type { ReadArtifact } from '../envelopes/gate.ts'
import { giftSecretOf } from '../membership/gifts.ts'
import { sealedStore } from '../storage/sealed-store.ts'
import type { KeyValueStore } from '../storage/store.ts'
import { createMoney } from './money.ts'

export interface PurseDeps {
  readonly chain: Chain
  readonly account: Account
  readonly storage: KeyValueStore
  readonly scopes: { readonly money: string; readonly envelopes: string }
  readonly tokens: readonly Address[] | undefined
  readonly readArtifact: ReadArtifact | undefined
  readonly now: () => number
}

/** Another process of the account may have paid, or made an envelope, without the chat: what it owes goes out so often. */
const OWED_MS = 20_000

/** Payments and envelopes of an account, and what they say in its chat. */
export function openPurse({ chain, account, storage, scopes, tokens, readArtifact, now }: PurseDeps) {
  const sealed = (scope: string) => sealedStore(storage, { key: account.storageKey, scope })
  const money = createMoney({ chain, account, store: sealed(`money/${scopes.money}`), tokens, now })
  const envelopes = createEnvelopes({
    ...{ chain, account, tokens: money.tokens, addresses: money.addresses, readArtifact },
    store: sealed(`envelopes/${scopes.envelopes}`),
    giftSecret: (salt) => giftSecretOf(account, salt),
  })

  async function sendOwed(): Promise<void> {
    for (const send of [money.desk.sendOwed, envelopes.deliverOwed]) await send().catch(() => undefined) // tried again
  }

  return {
    money,
    envelopes,
    /** Serves a chat from its start until it is stopped: tells contacts where to pay, and sends receipts and shares that are owed. */
    attach<C extends Chat>(chat: C): C {
      let timer: ReturnType<typeof setInterval> | undefined
      money.desk.attach(chat)
      envelopes.attach(chat)
      async function start(): Promise<void> {
        const wasStarted = chat.isStarted()
        await chat.start()
        if (wasStarted) return
        void money.desk.serve(chat)
        void sendOwed()
        timer = setInterval(() => void sendOwed(), OWED_MS)
      }
      async function stop(): Promise<void> {
        clearInterval(timer)
        await chat.stop()
      }
      async function wipe(): Promise<void> {
        clearInterval(timer)
        await chat.wipe()
      }
      return { ...chat, start, stop, wipe }
    },
  }
}
