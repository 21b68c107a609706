import type { Address, Hash } from 'viem'
import { parse, serialize } from '../chat/record.ts'
import type { Bids, Signed } from '../chain/recorded.ts'
import type { SealedStore } from '../storage/sealed-store.ts'
import { MoneyError } from './errors.ts'

/**
 * `sending`: signed, and nobody has seen it mined; `paid`; `failed`: mined, and the token refused; `dropped`: another transaction took its
 * place, so it is never mined.
 */
export type PaymentState = 'sending' | 'paid' | 'failed' | 'dropped'

/** What was to be paid. */
export interface PaymentOrder {
  /** Chosen by whoever pays: what has one id is paid once. */
  readonly id: string
  readonly token: Address
  readonly to: Address
  /** In the token's smallest unit. */
  readonly amount: bigint
  readonly note: string
  /** Chat identity of the contact that was paid, as hex. */
  readonly contact?: string | undefined
  /** The transaction that this pays back. */
  readonly refundOf?: Hash | undefined
}

/** A payment of this account, as its book has it. */
export interface Payment extends PaymentOrder {
  readonly state: PaymentState
  /** What was mined; before that, what was sent last. */
  readonly signed: Signed
  /** The same with lower fees, under the same nonce, the newest first. */
  readonly replaced?: readonly Signed[] | undefined
  /** The chain's newest block when `signed` was signed. */
  readonly since?: number | undefined
  /** When it was signed, in milliseconds since 1970. */
  readonly at: number
  /** Where it was mined, and what it cost. */
  readonly block?: number | undefined
  readonly gasUsed?: bigint | undefined
  /** Whether its receipt is in the conversation; undefined if it needs none. */
  readonly receipt?: 'owed' | 'sent' | undefined
  /** Whether whoever paid was told how it ended: a command may be killed before. */
  readonly reported: boolean
}

/** A receipt that is true for good. */
interface FinalVerdict {
  /** Names what the receipt said: another one under the same id is looked at anew. */
  readonly said: string
  readonly from: Address
  readonly block: number
}

export type MoneyBook = ReturnType<typeof moneyBook>

export const PAYMENTS = 'payments/'
/** Under a transaction: the content that was its receipt. */
export const RECEIPTS = 'receipts/'
/** Under a content that was a receipt: what it was found to be worth, once that is final. */
const VERDICTS = 'verdicts/'
/** When the backup was made that this book was restored from, in milliseconds since 1970: it knows of nothing later. */
export const RESTORED = 'restored'
/** File names and JSON alike take these. */
const ID = /^[A-Za-z0-9_-]{1,64}$/

/** Payments of an account, sealed on its device. What is in it was not always sent; what was sent is in it. */
export function moneyBook(store: SealedStore) {
  const read = async (id: string): Promise<Payment | undefined> => {
    const stored = await store.get(PAYMENTS + id)
    return stored && parse<Payment>(stored.value)
  }

  return {
    get: read,
    /** Throws MoneyError BAD_PAYMENT. */
    checkId(id: string): string {
      if (ID.test(id)) return id
      throw new MoneyError('An id of a payment has 1 to 64 of A-Z, a-z, 0-9, - and _', {
        code: 'BAD_PAYMENT',
        field: 'id',
      })
    },
    async list(): Promise<Payment[]> {
      const ids = (await store.keys(PAYMENTS)).map((key) => key.slice(PAYMENTS.length))
      const found = await Promise.all(ids.map(read))
      return found.filter((one) => one !== undefined).sort((a, b) => a.at - b.at)
    },
    /**
     * Takes in a payment that was signed and not yet sent. One that is there stays, unless it never can be mined (`dropped`) or has the
     * bytes that `replaces` names. Throws MoneyError ID_TAKEN.
     */
    async begin(payment: Payment, replaces?: Hash): Promise<void> {
      await store.update(PAYMENTS + payment.id, (stored) => {
        const old = stored && parse<Payment>(stored.value)
        if (old && old.state !== 'dropped' && old.signed.hash !== replaces) throw taken(payment.id)
        return serialize(payment)
      })
    },
    async change(id: string, change: Partial<Payment>): Promise<Payment> {
      let changed: Payment | undefined
      await store.update(PAYMENTS + id, (stored) => {
        if (!stored) throw new MoneyError(`There is no payment ${id}`, { code: 'BAD_PAYMENT', field: 'id' })
        changed = { ...parse<Payment>(stored.value), ...change }
        return serialize(changed)
      })
      return changed!
    },
    /** Takes in what replaces the payment's `old` bytes; nothing, if another process has replaced them. */
    async raise(id: string, old: Hash, signed: Signed, since: number): Promise<Payment> {
      const written = await store.update(PAYMENTS + id, (stored) => {
        const payment = parse<Payment>(stored!.value)
        if (payment.signed.hash !== old || payment.state !== 'sending') return stored!.value
        return serialize({
          ...payment,
          signed,
          since,
          replaced: [payment.signed, ...(payment.replaced ?? [])],
        })
      })
      return parse<Payment>(written)
    },
    /** Who claims a transaction as a receipt first: the content that did, now or before. */
    async firstToClaim(hash: Hash, content: string): Promise<string> {
      return await store.update(RECEIPTS + hash.toLowerCase(), (old) => old?.value ?? content)
    },
    /** What was found of a receipt for good, with what it said then; undefined if nothing was. */
    async verdict(content: string): Promise<FinalVerdict | undefined> {
      const stored = await store.get(VERDICTS + content)
      return stored && parse<FinalVerdict>(stored.value)
    },
    keepVerdict: (content: string, verdict: FinalVerdict): Promise<void> =>
      store.set(VERDICTS + content, serialize(verdict)),
    /** From when on payments may be missing because the book was restored, in milliseconds since 1970; undefined if it never was. */
    async restoredAt(): Promise<number | undefined> {
      const stored = await store.get(RESTORED)
      return stored && Number(stored.value)
    },
  }
}

/** All that was signed for a payment, the newest first. */
export const bidsOf = ({ signed, replaced = [] }: Pick<Payment, 'signed' | 'replaced'>): Bids => [
  signed,
  ...replaced,
]

export const taken = (id: string): MoneyError =>
  new MoneyError(`There is another payment with the id ${id}`, { code: 'ID_TAKEN', id })
