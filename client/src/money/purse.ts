import type { Address } from 'viem'
import type { Account } from '../account/account.ts'
import type { Chain } from '../chain/chain.ts'
import type { Chat } from '../chat/open-chat.ts'
import { createEnvelopes } from '../envelopes/envelopes.ts'
import type { ReadArtifact } from '../envelopes/gate.ts'
import { giftSecretOf } from '../membership/gifts.ts'
import { sealedStore, type SealedStore } from '../storage/sealed-store.ts'
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

export type Purse = ReturnType<typeof openPurse>

/** Payments and envelopes of an account, and what they say in its chat. */
export function openPurse({ chain, account, storage, scopes, tokens: more, readArtifact, now }: PurseDeps) {
  const sealed = (scope: string): SealedStore => sealedStore(storage, { key: account.storageKey, scope })
  const { desk, tokens, addresses, readLink, ...money } = createMoney({
    ...{ chain, account, store: sealed(`money/${scopes.money}`), tokens: more, now },
  })
  const { attach, deliverOwed, read, memberIn, ...envelopes } = createEnvelopes({
    ...{ chain, account, tokens, addresses, readArtifact },
    store: sealed(`envelopes/${scopes.envelopes}`),
    giftSecret: (salt) => giftSecretOf(account, salt),
  })

  return {
    desk,
    money: {
      ...money,
      /** A token of this network; the deployment's own by default. Throws MoneyError OTHER_TOKEN, CallError. */
      token: tokens.of,
      /** Reads a payment link for this network. Throws MoneyError NOT_A_LINK, OTHER_CHAIN, OTHER_TOKEN. */
      readLink: async (text: string) => readLink(text),
      /** An address of this account that nobody has seen. */
      freshAddress: addresses.fresh,
    },
    envelopes: {
      ...envelopes,
      /** What a link or a message opens. Asks nothing. Throws EnvelopesError BAD_ENVELOPE, OTHER_NETWORK. */
      read: async (given: string | Uint8Array) => read(given),
      /** This account's commitment in a group, for whoever makes an envelope for it. It says nothing about the account. */
      memberIn: async (group: string) => memberIn(group),
    },
    /** The chat by which contacts are asked where they can be paid, and get receipts and shares. */
    attach(chat: Chat): void {
      desk.attach(chat)
      attach(chat)
    },
    /** Receipts and shares that contacts are owed; what can't be sent now stays owed. */
    async sendOwed(): Promise<void> {
      for (const send of [desk.sendOwed, deliverOwed]) await send().catch(() => undefined)
    },
  }
}
