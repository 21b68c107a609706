import { isAddress, isAddressEqual, getAddress, type Address, type Hash } from 'viem'
import type { Account } from '../account/account.ts'
import type { Chain, TxResult } from '../chain/chain.ts'
import { MAX_NOTE } from '../chat/money-bodies.ts'
import type { SealedStore } from '../storage/sealed-store.ts'
import { ownAddresses } from './addresses.ts'
import { moneyBook } from './book.ts'
import { createCollecting } from './collect.ts'
import { createDesk } from './desk.ts'
import { MoneyError } from './errors.ts'
import { createHistory } from './history.ts'
import { readPaymentLink, writePaymentLink } from './link.ts'
import { createPayments, type WantedPayment } from './payments.ts'
import { createReceipts, type GivenReceipt, type Verdict } from './receipts.ts'
import { createTokens, type TokenInfo } from './tokens.ts'

export interface MoneyDeps {
  readonly chain: Chain
  readonly account: Account
  readonly store: SealedStore
  /** Tokens that are paid with besides the deployment's own. */
  readonly tokens?: readonly Address[] | undefined
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export interface PayOptions {
  /** At most 280 characters; goes to a contact inside the conversation, never to the chain. */
  readonly note?: string | undefined
  /** One of the network's tokens; the deployment's own by default. */
  readonly token?: Address | undefined
  /** Names the payment: what has one id is paid once, whatever happens in between. */
  readonly id?: string | undefined
  /** Pays though the chain shows a payment of the same that a restored book does not know (MAYBE_PAID). */
  readonly again?: boolean | undefined
  /** Milliseconds to wait for a contact to tell where it can be paid; 15,000 by default. */
  readonly waitMs?: number | undefined
}

/** What is to be paid, as it was understood. */
export interface PaymentPlan {
  readonly to: Address
  readonly token: TokenInfo
  /** In the token's smallest unit. */
  readonly amount: bigint
  readonly note: string
  /** Chat identity, as hex, if a contact is paid. */
  readonly contact: string | undefined
}

export interface PaymentResult extends TxResult, PaymentPlan {
  readonly id: string
  /** An earlier call or process had begun this payment: it was finished, not made again. */
  readonly resumed: boolean
  /** It waited too long for its first fee, and was sent again with a higher one: the same payment, mined once. */
  readonly raised: boolean
  /** The receipt's way to the contact: `owed` goes out when the chat is next started; undefined if nobody is sent one. */
  readonly receipt: 'sent' | 'owed' | undefined
}

/** By what a payment is known, if that is not left to be drawn. */
type PaymentName = Pick<WantedPayment, 'refundOf' | 'id' | 'again'>

export type Money = ReturnType<typeof createMoney>

const WAIT_MS = 15_000

/** Payments of an account: to addresses, by links, to contacts; with receipts that are compared with the chain. */
export function createMoney({ chain, account, store, tokens: more, now }: MoneyDeps) {
  const { chainId } = chain.network
  const book = moneyBook(store)
  const tokens = createTokens(chain, more)
  const addresses = ownAddresses(account, store)
  const desk = createDesk({ addresses, book, chainId, now })
  const receipts = createReceipts({ chain, tokens, addresses, book, wasToldTo: desk.wasToldTo })
  const payments = createPayments({ chain, tokens, book, now })
  const history = createHistory({ chain, tokens, addresses, book, desk, receipts })

  function readLink(text: string) {
    const link = readPaymentLink(text)
    if (link.chainId !== chainId) {
      const detail = { code: 'OTHER_CHAIN', expected: chainId, actual: link.chainId } as const
      throw new MoneyError(`The link is for chain ${link.chainId}; this is chain ${chainId}`, detail)
    }
    if (!tokens.isKnown(link.token)) {
      const message = `The link asks for a token that is none of this network: ${link.token}`
      throw new MoneyError(message, { code: 'OTHER_TOKEN', token: link.token })
    }
    return link
  }

  /** Throws MoneyError BAD_PAYMENT. */
  function checkNote(note = ''): string {
    if ([...note].length <= MAX_NOTE) return note
    throw new MoneyError(`A note has at most ${MAX_NOTE} characters`, { code: 'BAD_PAYMENT', field: 'note' })
  }

  function checkPayee(to: Address): Address {
    const { Token } = chain.network.contracts
    const isLost = BigInt(to) === 0n || tokens.isKnown(to) || isAddressEqual(to, Token)
    if (!isLost && !isAddressEqual(to, account.address)) return to
    throw new MoneyError(`${to} can't be paid: it would be lost, or is this account itself`, {
      code: 'BAD_PAYMENT',
      field: 'to',
    })
  }

  /** Whom, what and how much. */
  async function plan(
    to: string,
    amount: bigint | string | undefined,
    { note, token: wanted, waitMs = WAIT_MS }: PayOptions,
  ): Promise<PaymentPlan> {
    const link = to.trim().startsWith('ethereum:') ? readLink(to) : undefined
    const token = await tokens.of(link?.token ?? wanted)
    if (link && wanted && !isAddressEqual(wanted, link.token))
      throw new MoneyError('The link asks for another token', { code: 'OTHER_TOKEN', token: wanted })
    const units = amountOf(link?.amount, amount === undefined ? undefined : tokens.read(amount, token))
    const plan = { token, amount: units, note: checkNote(note) }
    if (link) return { ...plan, to: checkPayee(link.to), contact: undefined }
    if (isAddress(to, { strict: false })) return { ...plan, to: checkPayee(checked(to)), contact: undefined }
    const { account: contact } = desk.chat().contacts.find(to)
    return { ...plan, to: checkPayee(await desk.addressOf(contact, waitMs)), contact }
  }

  async function send(plan: PaymentPlan, more: PaymentName): Promise<PaymentResult> {
    const order = { ...plan, token: plan.token.address, ...more }
    const { payment, resumed } = await payments.pay(order)
    await desk.sendReceipt(payment).catch(() => undefined) // it is owed, and goes out when the chat is next started
    const { id, signed, block, gasUsed, receipt } = await payments.reported(payment.id)
    const mined = { hash: signed.hash, blockNumber: BigInt(block!), gasUsed: gasUsed! }
    return { ...plan, ...mined, id, resumed, raised: payment.replaced !== undefined, receipt }
  }

  /** A receipt of a contact by its transaction. Throws MoneyError NO_RECEIPT, RECEIPT_NOT_TRUE. */
  async function trueReceipt(hash: Hash) {
    const given = (await desk.allReceipts()).filter(({ body }) => body.hash === hash.toLowerCase())
    let why = ''
    for (const receipt of given) {
      const verdict = await receipts.check(receipt)
      if (verdict.state === 'received') return { ...receipt, from: verdict.from }
      why = verdict.state === 'false' ? verdict.why : 'unseen'
    }
    if (given.length === 0) {
      const message = 'No contact has sent a receipt with this transaction'
      throw new MoneyError(message, { code: 'NO_RECEIPT', hash })
    }
    throw new MoneyError(`The receipt is not true (${why})`, { code: 'RECEIPT_NOT_TRUE', hash, why })
  }

  async function planRefund(hash: Hash, note?: string) {
    const { account: contact, from, body } = await trueReceipt(hash)
    const token = await tokens.of(body.token)
    const plan = { to: from, token, amount: body.amount, note: checkNote(note), contact }
    return { plan, more: { id: `refund-${body.hash.slice(2, 34)}`, refundOf: body.hash } }
  }

  async function priced(plan: PaymentPlan, more: PaymentName) {
    const order = { ...plan, token: plan.token.address, ...more }
    const begun = (await payments.begun(order)) !== undefined
    const cost = begun ? { gas: 0n, coins: 0n } : await payments.cost(order)
    return { ...plan, ...cost, begun }
  }

  return {
    tokens,
    /** What is said and answered in conversations. */
    desk,
    addresses,
    /** Reads a payment link for this network. Throws MoneyError NOT_A_LINK, OTHER_CHAIN, OTHER_TOKEN. */
    readLink,
    /** A link to be paid by, at the account's own address or at `to`. Throws AmountError, MoneyError. */
    async link({
      amount,
      token: wanted,
      to = account.address,
    }: {
      readonly amount?: bigint | string | undefined
      readonly token?: Address | undefined
      readonly to?: Address | undefined
    } = {}): Promise<string> {
      const token = await tokens.of(wanted)
      const units = amount === undefined ? undefined : tokens.read(amount, token)
      return writePaymentLink({ chainId, token: token.address, to, amount: units })
    },
    /**
     * What `pay` would do, and what that costs at most: gas, and coins in wei. `begun`: it would finish a payment that was begun before. Sends nothing but a
     * question to a contact.
     */
    async quote(to: string, amount?: bigint | string, options: PayOptions = {}) {
      return await priced(await plan(to, amount, options), { id: options.id })
    },
    /**
     * Pays an address, a payment link, or a contact (by its name, with the chat open), and sends a contact the receipt. A bigint is in the token's
     * smallest unit, a text in whole tokens. The payment is on disk before it is sent: after a crash the same call finishes it, and pays nothing twice.
     * @throws MoneyError, AmountError, ChatError UNKNOWN_CONTACT, CallError, ChainNodesError NOT_RELAYED without an RPC endpoint.
     */
    async pay(to: string, amount?: bigint | string, options: PayOptions = {}): Promise<PaymentResult> {
      const planned = await plan(to, amount, options)
      return await send(planned, { id: options.id, again: options.again })
    },
    /**
     * Pays back what a contact's receipt says, to where it came from; once. Throws MoneyError NO_RECEIPT, RECEIPT_NOT_TRUE, and like `pay`.
     */
    async refund(
      hash: Hash,
      { note, again }: Pick<PayOptions, 'note' | 'again'> = {},
    ): Promise<PaymentResult> {
      const { plan, more } = await planRefund(hash, note)
      return await send(plan, { ...more, again })
    },
    /** What `refund` would do, like `quote`. */
    async quoteRefund(hash: Hash) {
      const { plan, more } = await planRefund(hash)
      return await priced(plan, more)
    },
    /** What a contact's receipt is worth. Throws CallError. */
    check: (receipt: GivenReceipt): Promise<Verdict> => receipts.check(receipt),
    /** What came and went, and receipts that are not true; what was being sent is looked for first. Throws CallError. */
    async history(options: { readonly limit?: number } = {}) {
      await payments.lookAll()
      return await history(options)
    },
    ...createCollecting({ chain, account, tokens, addresses }),
  }
}

/** What a link asks for and what was given; one is enough, two have to be the same. */
function amountOf(link: bigint | undefined, given: bigint | undefined): bigint {
  if (link !== undefined && given !== undefined && link !== given) {
    const detail = { code: 'AMOUNTS_DIFFER', link, given } as const
    throw new MoneyError('The link asks for another amount', detail)
  }
  const amount = link ?? given ?? 0n
  if (amount > 0n) return amount
  throw new MoneyError('There is no amount to pay', { code: 'BAD_PAYMENT', field: 'amount' })
}

/** Throws MoneyError BAD_PAYMENT if a letter is mistyped (EIP-55). */
function checked(text: string): Address {
  if (isAddress(text)) return getAddress(text)
  throw new MoneyError('The checksum of the address is wrong', { code: 'BAD_PAYMENT', field: 'to' })
}
