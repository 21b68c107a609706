import { bytesToHex } from '@noble/hashes/utils.js'
import type { ChatIdentity } from '../secure/types.ts'
import { blockListTopic, signBlockList } from './block-list.ts'
import type { BlockLists, FollowedList } from './block-lists.ts'
import type { Contacts } from './contacts.ts'

export interface BlockingDeps {
  readonly identity: ChatIdentity
  readonly contacts: Contacts
  readonly lists: BlockLists
  readonly send: (contentTopic: string, payload: Uint8Array) => Promise<unknown>
  readonly accountOf: (given: string) => string
  readonly alone: <T>(change: () => Promise<T>) => Promise<T>
  readonly now: () => number
}

/** What a person does with block lists. */
export function blocking({ identity, contacts, lists, send, accountOf, alone, now }: BlockingDeps) {
  function make(name: string): Promise<Uint8Array> {
    const accounts = contacts.list().flatMap(({ account, blocked }) => (blocked ? [account] : []))
    return signBlockList(identity, { name, accounts, madeAt: now() })
  }

  return {
    /** Whom this account blocks, signed, to be handed over. Throws ChatError TOO_LARGE; ContactError BAD_NAME. */
    make,
    /** Publishes it for whoever follows this account; nodes keep it for some 30 days. Throws like `make`; SendError and others. */
    async publish(name: string): Promise<void> {
      await send(blockListTopic(bytesToHex(identity.publicKey)), await make(name))
    },
    /**
     * Follows the lists of the person of a card, an account or a contact; or a list as bytes. Strangers that it names are dropped, contacts stay.
     * @throws ChatError BAD_LIST, NO_LIST, TOO_LARGE, BAD_CARD; NetError; StorageError LOCKED.
     */
    follow: (given: string | Uint8Array): Promise<FollowedList> =>
      alone(() =>
        typeof given === 'string' ? lists.followPublisher(accountOf(given)) : lists.follow(given),
      ),
    /** Undoes all that a list did. Throws ChatError NO_LIST; StorageError LOCKED. */
    unfollow: (publisher: string): Promise<void> => alone(() => lists.unfollow(accountOf(publisher))),
    list: (): FollowedList[] => lists.list(),
    /** Looks for later ones now, instead of once a day. */
    refresh: (): Promise<void> => lists.refresh(0),
  }
}
