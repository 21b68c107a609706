import type { Address, Hex } from 'viem'
import { parse, serialize } from '../chat/record.ts'
import type { SealedStore } from '../storage/sealed-store.ts'
import type { EnvelopeContent } from './content.ts'

/** A share that goes to one contact, or into one link. */
export interface HandedOut {
  readonly content: EnvelopeContent
  /** The contact's chat identity, as hex; undefined for a link. */
  readonly contact?: string | undefined
  /** Whether it is in the conversation. */
  readonly sent: boolean
}

/** An envelope of this account. It is here before it is on the chain, with everything that opens it. */
export interface MadeEnvelope {
  readonly id: Hex
  readonly content: EnvelopeContent
  readonly handedOut: readonly HandedOut[]
  /** `making`: nobody has seen it on the chain yet. */
  readonly state: 'making' | 'made'
  /** What was asked for: whoever asks for the same again after a crash gets this one. */
  readonly order: string
  /** Whether whoever made it was told so. */
  readonly reported: boolean
}

/** An envelope that this account opens. It is here before the claim is sent. */
export interface OpenedEnvelope {
  readonly recipient: Address
  /** The share that is being claimed; undefined if the envelope is for a group. */
  readonly index?: number | undefined
  /** The transaction that paid, once that is known. */
  readonly hash?: Hex | undefined
}

export type EnvelopeBook = ReturnType<typeof envelopeBook>

export const MADE = 'made/'
export const OPENED = 'opened/'

/** Envelopes that an account makes and opens, sealed on its device. */
export function envelopeBook(store: SealedStore) {
  async function get<T>(key: string): Promise<T | undefined> {
    const stored = await store.get(key)
    return stored && parse<T>(stored.value)
  }

  return {
    made: (id: Hex) => get<MadeEnvelope>(MADE + id),
    put: (made: MadeEnvelope): Promise<void> => store.set(MADE + made.id, serialize(made)),
    async allMade(): Promise<MadeEnvelope[]> {
      const keys = await store.keys(MADE)
      const found = await Promise.all(keys.map((key) => get<MadeEnvelope>(key)))
      return found.filter((one) => one !== undefined)
    },
    forget: async (id: Hex): Promise<void> => void (await store.delete(MADE + id)),
    /** Changes an envelope that is there. */
    async change(id: Hex, change: (old: MadeEnvelope) => MadeEnvelope): Promise<MadeEnvelope> {
      const written = await store.update(MADE + id, (stored) =>
        serialize(change(parse<MadeEnvelope>(stored!.value))),
      )
      return parse<MadeEnvelope>(written)
    },
    opened: (id: Hex) => get<OpenedEnvelope>(OPENED + id),
    /** What is being claimed, and for whom: the first to write it down decides, whichever process that is. */
    async beginOpening(id: Hex, opening: OpenedEnvelope): Promise<OpenedEnvelope> {
      const written = await store.update(OPENED + id, (old) => old?.value ?? serialize(opening))
      return parse<OpenedEnvelope>(written)
    },
    /** From a share that somebody else had to the next: the first to move on decides for all. */
    async moveOn(id: Hex, taken: number | undefined, next: number): Promise<OpenedEnvelope> {
      const written = await store.update(OPENED + id, (stored) => {
        const old = parse<OpenedEnvelope>(stored!.value)
        return old.hash || old.index !== taken ? stored!.value : serialize({ ...old, index: next })
      })
      return parse<OpenedEnvelope>(written)
    },
    setOpened: (id: Hex, opened: OpenedEnvelope): Promise<void> => store.set(OPENED + id, serialize(opened)),
  }
}
