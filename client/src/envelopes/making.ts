import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { groupOf, MAX_LIFETIME_SECONDS, shuffled, type Split } from '@teahouse/protocol/envelopes'
import { bytesToHex, hexToBytes, numberToHex, type Hex } from 'viem'
import type { Account } from '../account/account.ts'
import { utf8 } from '../account/text.ts'
import type { Chain, TxResult } from '../chain/chain.ts'
import { CallError } from '../chain/errors.ts'
import { approve, requireTokens } from '../chain/token.ts'
import type { EnvelopeBook, HandedOut, MadeEnvelope } from './book.ts'
import { encodeEnvelope, wholeOf, type EnvelopeContent } from './content.ts'
import { EnvelopesError } from './errors.ts'
import type { EnvelopeLedger } from './ledger.ts'

/** Who an envelope is for. */
export type Recipients =
  /** One share each, sealed in the conversation with it: chat identities as hex. */
  | { readonly contacts: readonly string[] }
  /** `one` link for all shares, whose openers take the next free one; or `each` share in a link of its own. */
  | { readonly link: 'one' | 'each'; readonly shares: number }
  /** The members of a group, by their commitments, each once and without saying which. */
  | { readonly group: string; readonly members: readonly bigint[]; readonly shares: number }

export interface MakeEnvelope {
  /** In the token's smallest unit, of all shares. */
  readonly amount: bigint
  readonly for: Recipients
  /** How it is divided; at random by default, equally for a group. */
  readonly split?: Split | undefined
  /** How long it can be opened; a day by default, at most 366. */
  readonly validSeconds?: number | undefined
  /** A greeting of at most 280 characters. */
  readonly note?: string | undefined
}

/** An envelope that is on the chain. */
export interface Made {
  readonly made: MadeEnvelope
  /** Undefined if an earlier process sent it. */
  readonly tx: TxResult | undefined
}

export interface MakingDeps {
  readonly chain: Chain
  readonly account: Pick<Account, 'address' | 'giftKey'>
  readonly book: EnvelopeBook
  readonly ledger: EnvelopeLedger
}

const DAY = 86_400
const MIN_SECONDS = 60
const INFO = utf8('teahouse/envelope/1')
const SALT_BYTES = 32

/** Makes envelopes: everything that opens one is on disk before anything is sent, and follows from the phrase besides. */
export function createMaking({ chain, account, book, ledger }: MakingDeps) {
  const { chainId, contracts } = chain.network

  async function headOf({ amount, validSeconds = DAY, note = '', for: recipients }: MakeEnvelope) {
    if (
      !Number.isInteger(validSeconds) ||
      validSeconds < MIN_SECONDS ||
      validSeconds > MAX_LIFETIME_SECONDS
    ) {
      const message = `An envelope can be opened for ${MIN_SECONDS} to ${MAX_LIFETIME_SECONDS} seconds`
      throw new EnvelopesError(message, { code: 'BAD_LIFETIME', seconds: validSeconds })
    }
    const { timestamp } = await chain.head()
    const shares = 'contacts' in recipients ? recipients.contacts.length : recipients.shares
    const salt = bytesToHex(crypto.getRandomValues(new Uint8Array(SALT_BYTES)))
    const where = { chainId, envelopes: contracts.RedEnvelope, creator: account.address }
    return { ...where, amount, shares, expiry: timestamp + validSeconds, salt, note }
  }

  /** The envelope as its maker keeps it, and what is handed out of it. Throws EnvelopesError, EnvelopeError OUT_OF_RANGE. */
  async function draw(wanted: MakeEnvelope): Promise<{ content: EnvelopeContent; handedOut: HandedOut[] }> {
    const { for: recipients, split = 'random' } = wanted
    const head = await headOf(wanted)
    if ('group' in recipients) {
      const { group, members } = recipients
      const content = { kind: 'gated', ...head, group, members } as const
      return { content, handedOut: [{ content, sent: false }] }
    }
    const secret = secretOf(account, head.salt)
    const content = { kind: 'open', ...head, split, secret } as const
    if ('link' in recipients && recipients.link === 'one')
      return { content, handedOut: [{ content, sent: false }] }
    const contacts = 'contacts' in recipients ? recipients.contacts : []
    const { terms, shares, tree, keyOf } = wholeOf(head, split, secret)
    const handedOut = shuffled(shares).map(({ index, amount: share }, at): HandedOut => {
      const path = tree.path(index)
      const one = { kind: 'share', ...head, root: terms.root, index, share, key: keyOf(index), path } as const
      return { content: one, sent: false, ...(contacts[at] !== undefined && { contact: contacts[at] }) }
    })
    return { content, handedOut }
  }

  /** Whether the chain has it. */
  async function isThere({ id, content }: MadeEnvelope): Promise<boolean> {
    return (await ledger.look(id, content)).state !== 'unknown'
  }

  async function send(made: MadeEnvelope): Promise<TxResult | undefined> {
    const { terms } = ledger.nameOf(made.content)
    await requireTokens(chain, terms.amount)
    await approve(chain, 'RedEnvelope', terms.amount)
    const call = { action: 'make the envelope', contract: 'RedEnvelope', functionName: 'create' } as const
    try {
      return await chain.write({ ...call, args: [terms] })
    } catch (error) {
      const isRefused = error instanceof CallError && error.code === 'REVERTED'
      if (isRefused && (await isThere(made))) return undefined // an earlier transaction of this account made it
      throw error
    }
  }

  /** The same that an earlier process began and never told of, as long as it can still be opened. */
  async function begun(order: string): Promise<MadeEnvelope | undefined> {
    const found = (await book.allMade()).find((one) => !one.reported && one.order === order)
    if (!found) return undefined
    const { timestamp } = await chain.head()
    if (found.state === 'made' || (await isThere(found)) || timestamp + MIN_SECONDS < found.content.expiry)
      return found
    await book.forget(found.id)
    return undefined
  }

  return {
    /** Draws an envelope, writes it down, and sends it; or goes on with the same one that was begun. */
    async make(wanted: MakeEnvelope): Promise<Made> {
      checkRecipients(wanted)
      const order = orderOf(wanted)
      let made = await begun(order)
      if (!made) {
        const drawn = await draw(wanted)
        for (const { content } of drawn.handedOut) encodeEnvelope(content) // what can't be handed out is not made
        const { id } = ledger.nameOf(drawn.content)
        await requireTokens(chain, wanted.amount)
        made = { id, ...drawn, state: 'making', order, reported: false }
        await book.put(made)
      }
      const isMade = made.state === 'made' || (await isThere(made))
      const tx = isMade ? undefined : await send(made)
      return { made: await book.change(made.id, (old) => ({ ...old, state: 'made' })), tx }
    },
  }
}

/** The secret of an envelope with this salt: it can be found again from the phrase and the chain's events. */
export const secretOf = ({ giftKey }: Pick<Account, 'giftKey'>, salt: Hex): Uint8Array =>
  hkdf(sha256, giftKey, hexToBytes(salt), INFO, 32)

function checkRecipients({ amount, for: recipients }: MakeEnvelope): void {
  if ('contacts' in recipients) {
    const { contacts } = recipients
    if (contacts.length > 0 && new Set(contacts).size === contacts.length) return
    const why = contacts.length === 0 ? 'nobody is named' : 'somebody is named twice'
    throw new EnvelopesError(`An envelope for contacts: ${why}`, { code: 'BAD_RECIPIENTS', why })
  }
  if (!('group' in recipients)) return
  const why = whyNotFor(recipients, amount)
  if (why !== undefined)
    throw new EnvelopesError(`An envelope for a group: ${why}`, { code: 'BAD_RECIPIENTS', why })
  groupOf(recipients.members)
}

/** Shares for a group are equal: the contract takes no amount that leaves a rest. */
function whyNotFor(
  { members, shares }: Extract<Recipients, { group: string }>,
  amount: bigint,
): string | undefined {
  if (members.length === 0) return 'the group has no members'
  if (new Set(members).size !== members.length) return 'a member is named twice'
  const isWhole = Number.isInteger(shares) && shares > 0 && amount % BigInt(shares) === 0n
  return isWhole ? undefined : 'the amount does not make so many equal shares'
}

const orderOf = (wanted: MakeEnvelope): string =>
  JSON.stringify(wanted, (_, value: unknown) => (typeof value === 'bigint' ? numberToHex(value) : value))
