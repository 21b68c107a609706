import { isAddressEqual, numberToHex, type Hex } from 'viem'
import type { Terms } from '@teahouse/protocol/envelopes'
import type { Account } from '../account/account.ts'
import { envelopeOf } from '../account/contact/gift.ts'
import type { Chain, TxResult } from '../chain/chain.ts'
import type { Addresses } from '../money/addresses.ts'
import type { Tokens } from '../money/tokens.ts'
import type { SealedStore } from '../storage/sealed-store.ts'
import { envelopeBook, type HandedOut } from './book.ts'
import { decodeEnvelope, readEnvelopeLink, writeEnvelopeLink } from './content.ts'
import { createDelivery } from './delivery.ts'
import { EnvelopesError } from './errors.ts'
import { memberIn, type ReadArtifact } from './gate.ts'
import { envelopeLedger, type EnvelopeState, type PaidShare } from './ledger.ts'
import { createMaking, type MakeEnvelope } from './making.ts'
import { createOpening, type Opened, type OpenOptions } from './opening.ts'

export interface EnvelopesDeps {
  readonly chain: Chain
  readonly account: Account
  readonly store: SealedStore
  readonly tokens: Tokens
  readonly addresses: Addresses
  readonly giftSecret: (salt: Hex) => Uint8Array
  readonly readArtifact: ReadArtifact | undefined
}

/** What `create` is told: contacts by their names, amounts in whole tokens as text or in the smallest unit. */
export interface CreateEnvelope extends Omit<MakeEnvelope, 'amount'> {
  readonly amount: bigint | string
}

export interface CreatedEnvelope {
  /** The envelope's name. */
  readonly envelope: Hex
  readonly terms: Terms
  /** Undefined if an earlier process sent it. */
  readonly tx: TxResult | undefined
  /** One, or one a share, unless all shares went to contacts. Whoever has one can open it, unless it is for a group. */
  readonly links: readonly string[]
  /** Contacts (chat identities as hex) whose share is in the conversation, and those whose goes out when the chat is next started. */
  readonly sent: readonly string[]
  readonly owed: readonly string[]
}

/** An envelope as it stands. */
export interface EnvelopeStatus {
  readonly envelope: Hex
  /** `making`: written down on this device, and not on the chain (yet). */
  readonly state: EnvelopeState | 'making'
  readonly terms: Terms
  /** In the token's smallest unit. */
  readonly left: bigint
  readonly paid: readonly PaidShare[]
  /** Whom its shares were for, if this device made it: by index. */
  readonly contacts: ReadonlyMap<number, string>
}

export type Envelopes = ReturnType<typeof createEnvelopes>

/** Red envelopes: docs/envelopes.md. Everything throws EnvelopesError, CallError, ChainNodesError, StorageError. */
export function createEnvelopes(deps: EnvelopesDeps) {
  const { chain, account, store, tokens, addresses } = deps
  const book = envelopeBook(store)
  const ledger = envelopeLedger(chain)
  const making = createMaking({ chain, account, book, ledger })
  const opening = createOpening({ chain, account, addresses, book, ledger, readArtifact: deps.readArtifact })
  const delivery = createDelivery({ book, ledger })

  async function statusOf(envelope: Hex, terms: Terms): Promise<EnvelopeStatus> {
    const [{ state, left }, paid, made] = await Promise.all([
      ledger.look(envelope, terms),
      ledger.paid(envelope),
      book.made(envelope),
    ])
    const contacts = new Map((made?.handedOut ?? []).flatMap(indexAndContact))
    const shown = state === 'unknown' && made ? 'making' : state
    return { envelope, state: shown, terms, left, paid, contacts }
  }

  async function termsOf(envelope: Hex): Promise<Terms> {
    const made = await book.made(envelope)
    const [terms] = made ? [ledger.nameOf(made.content).terms] : await ledger.created({ envelope })
    if (terms) return terms
    throw new EnvelopesError('There is no such envelope', { code: 'UNKNOWN_ENVELOPE', envelope })
  }

  /** Memberships that were given away are envelopes, too: they are `client.gifts`. */
  function isGift({ creator, amount, shares, expiry, salt, root }: Terms): boolean {
    if (shares !== 1) return false
    const gift = { chainId: chain.network.chainId, envelopes: chain.network.contracts.RedEnvelope }
    const secret = deps.giftSecret(salt)
    return envelopeOf({ ...gift, creator, amount, expiry, salt, secret }).terms.root === root
  }

  async function refund(envelope: Hex): Promise<TxResult & { readonly amount: bigint }> {
    const terms = await termsOf(envelope)
    const { state, left } = await ledger.look(envelope, terms)
    if (state === 'open') {
      const until = new Date(terms.expiry * 1_000).toISOString()
      const detail = { code: 'NOT_EXPIRED', envelope, expiry: terms.expiry } as const
      throw new EnvelopesError(
        `The envelope can be opened until ${until}; then what is left goes back`,
        detail,
      )
    }
    if (state !== 'expired')
      throw new EnvelopesError('Nothing is left in the envelope', { code: 'NOTHING_LEFT', envelope })
    const call = {
      action: 'take back what is left',
      contract: 'RedEnvelope',
      functionName: 'refund',
    } as const
    return { ...(await chain.write({ ...call, args: [terms] })), amount: left }
  }

  return {
    /**
     * Locks an amount in shares. Shares for contacts go out in the conversations (the chat has to be started); links are returned. Everything that opens it is on
     * disk before anything is sent: after a crash the same call goes on with the same envelope.
     */
    async create({ amount, for: recipients, ...wanted }: CreateEnvelope): Promise<CreatedEnvelope> {
      const units = tokens.read(amount, await tokens.of())
      const who =
        'contacts' in recipients ? { contacts: recipients.contacts.map(delivery.accountOf) } : recipients
      const { made, tx } = await making.make({ ...wanted, amount: units, for: who })
      const handedOut = await delivery.deliver(made)
      await book.change(made.id, (old) => ({ ...old, reported: true }))
      const links = handedOut.filter(({ contact }) => contact === undefined)
      const named = (isSent: boolean) =>
        handedOut.flatMap(({ contact, sent }) => (contact !== undefined && sent === isSent ? [contact] : []))
      return {
        ...{ envelope: made.id, terms: ledger.nameOf(made.content).terms, tx },
        links: links.map(({ content }) => writeEnvelopeLink(content)),
        ...{ sent: named(true), owed: named(false) },
      }
    },
    /** What a link or a message opens. Asks nothing. Throws EnvelopesError BAD_ENVELOPE, OTHER_NETWORK. */
    read(given: string | Uint8Array) {
      const content = typeof given === 'string' ? readEnvelopeLink(given) : decodeEnvelope(given)
      return { ...ledger.nameOf(content), content }
    },
    /** Takes this account's share: of a link, or of what came in a message. See `OpenOptions`. */
    claim: (given: string | Uint8Array, options: OpenOptions = {}): Promise<Opened> =>
      opening.open(typeof given === 'string' ? readEnvelopeLink(given) : decodeEnvelope(given), options),
    /** This account's commitment in a group, for whoever makes an envelope for it. It says nothing about the account. */
    memberIn: (group: string): Hex => numberToHex(memberIn(account, group).commitment, { size: 32 }),
    /** An envelope by its name. */
    status: async (envelope: Hex): Promise<EnvelopeStatus> => statusOf(envelope, await termsOf(envelope)),
    /** Those that this account made: from the chain, and what this device has begun. */
    async list(): Promise<EnvelopeStatus[]> {
      const made = (await book.allMade()).map(({ content }) => ledger.nameOf(content).terms)
      const created = await ledger.created({ creator: account.address })
      const all = new Map(
        [...created.filter((terms) => !isGift(terms)), ...made].map((terms) => [ledger.idOf(terms), terms]),
      )
      const own = [...all].filter(([, { creator }]) => isAddressEqual(creator, account.address))
      return await Promise.all(own.map(([envelope, terms]) => statusOf(envelope, terms)))
    },
    /** From its expiry on: what is left goes back to whoever made it. Anybody may ask for that. */
    refund,
    /** The chat by which shares go to contacts, and those that are owed to them. */
    attach: delivery.attach,
    deliverOwed: delivery.deliverOwed,
  }
}

function indexAndContact({ content, contact }: HandedOut): [number, string][] {
  return content.kind === 'share' && contact !== undefined ? [[content.index, contact]] : []
}
