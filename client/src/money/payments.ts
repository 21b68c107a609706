import { bytesToHex, randomBytes } from '@noble/hashes/utils.js'
import { encodeFunctionData, erc20Abi, isAddressEqual, type Hash } from 'viem'
import { notRelayed } from '../chain-relay/errors.ts'
import type { Chain } from '../chain/chain.ts'
import { CallError } from '../chain/errors.ts'
import { taken, type MoneyBook, type Payment, type PaymentOrder } from './book.ts'
import { MoneyError } from './errors.ts'
import { showAmount, type Tokens } from './tokens.ts'

export interface PaymentsDeps {
  readonly chain: Chain
  readonly tokens: Tokens
  readonly book: MoneyBook
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** A payment that took place. `resumed`: an earlier call or process had begun it, and it was not paid again. */
export interface Paid {
  readonly payment: Payment
  readonly resumed: boolean
}

/** An order whose id may be left to be drawn. */
export type WantedPayment = Omit<PaymentOrder, 'id'> & { readonly id?: string | undefined }

export type Payments = ReturnType<typeof createPayments>

const newPaymentId = (): string => bytesToHex(randomBytes(12))

/**
 * Sends payments so that each is made once. A payment is signed and on disk before anything is sent; its bytes have one nonce, so they can be
 * mined once at most, however often they are sent. Whatever begins again looks at the chain first.
 */
export function createPayments({ chain, tokens, book, now }: PaymentsDeps) {
  async function requireBalance({ token, amount }: PaymentOrder): Promise<void> {
    const balance = await tokens.balance(token, chain.account.address)
    if (balance >= amount) return
    const info = await tokens.of(token)
    const message = `This takes ${showAmount(amount, info)}; the account has ${showAmount(balance, info)}`
    throw new CallError(message, { code: 'NOT_ENOUGH_TOKENS', needed: amount, balance })
  }

  const callOf = ({ token, to, amount }: PaymentOrder) => ({
    action: 'pay',
    to: token,
    data: encodeFunctionData({ abi: erc20Abi, functionName: 'transfer', args: [to, amount] }),
  })

  async function make(order: PaymentOrder): Promise<Payment> {
    await requireBalance(order)
    let last: Hash | undefined
    const receipt = order.contact === undefined ? {} : ({ receipt: 'owed' } as const)
    const tx = await chain
      .writeRecorded(callOf(order), async (signed) => {
        const begun: Payment = { ...order, ...receipt, state: 'sending', signed, at: now(), reported: false }
        await book.begin(begun, last)
        last = signed.hash
      })
      .catch(async (error: unknown) => {
        const isMined = last !== undefined && error instanceof CallError && error.code === 'REVERTED'
        if (isMined) await book.change(order.id, { state: 'failed' })
        throw error
      })
    return await book.change(order.id, {
      state: 'paid',
      block: Number(tx.blockNumber),
      gasUsed: tx.gasUsed,
    })
  }

  /** What became of a payment that was being sent; with `push`, its bytes are sent again. */
  async function look(payment: Payment, push: boolean): Promise<Payment> {
    if (payment.state !== 'sending') return payment
    const found = await chain.recordedOutcome(payment.signed, { push })
    if (found.state === 'open') return payment
    if (found.state === 'taken') return await book.change(payment.id, { state: 'dropped' })
    const { status, blockNumber, gasUsed } = found.receipt
    const state = status === 'success' ? 'paid' : 'failed'
    return await book.change(payment.id, { state, block: Number(blockNumber), gasUsed })
  }

  /** Ends a payment that was begun before. Undefined if it never can be mined, so that it has to be made anew. */
  async function finish(begun: Payment): Promise<Paid | undefined> {
    const payment = await look(begun, true)
    const { id, signed, state } = payment
    if (state === 'dropped') return undefined
    if (state === 'sending') {
      const message = `The payment was sent (${signed.hash}), and may still be made`
      throw new MoneyError(message, { code: 'STILL_OPEN', id, hash: signed.hash })
    }
    if (state === 'paid') return { payment, resumed: true }
    await book.change(id, { reported: true })
    const message = `The token refused the payment (${signed.hash}): nothing was paid`
    throw new MoneyError(message, { code: 'PAYMENT_FAILED', id, hash: signed.hash })
  }

  /** A payment of the same that nobody was told the end of: the same command, killed. */
  async function unreported(order: WantedPayment): Promise<Payment | undefined> {
    const all = await book.list()
    return all.find((one) => !one.reported && one.state !== 'dropped' && isSame(one, order))
  }

  /** The payment that `pay` would finish instead of making another. Throws MoneyError ID_TAKEN, BAD_PAYMENT. */
  async function begun(wanted: WantedPayment): Promise<Payment | undefined> {
    const { id } = wanted
    const found = id === undefined ? await unreported(wanted) : await book.get(book.checkId(id))
    if (found && !isSame(found, wanted)) throw taken(found.id)
    return found
  }

  return {
    /**
     * Pays what was ordered, once: a payment with its id, or, if `id` is left out, one of the same to the same that an earlier process began
     * and never told the end of, is finished in its place.
     * @throws MoneyError ID_TAKEN, STILL_OPEN, PAYMENT_FAILED; CallError NOT_ENOUGH_TOKENS, NO_GAS; ChainNodesError NOT_RELAYED, NOT_SEEN.
     */
    async pay(wanted: WantedPayment): Promise<Paid> {
      const found = await begun(wanted)
      const finished = found && (await finish(found))
      const id = found?.id ?? wanted.id ?? newPaymentId()
      return finished ?? { payment: await make({ ...wanted, id }), resumed: false }
    },
    begun,
    /** Whoever paid has been told. */
    reported: (id: string): Promise<Payment> => book.change(id, { reported: true }),
    /** Looks at the chain for what was being sent. Sends nothing. Throws CallError. */
    async lookAll(): Promise<void> {
      for (const payment of await book.list()) await look(payment, false)
    },
    /** What sending would cost at most: gas, and coins in wei. Throws like `pay`; CallError REVERTED. */
    async cost(order: WantedPayment): Promise<{ readonly gas: bigint; readonly coins: bigint }> {
      const { action, to, data } = callOf({ ...order, id: '' })
      const { account, reader, network } = chain
      if (network.rpcUrl === undefined) throw notRelayed(action)
      await requireBalance({ ...order, id: '' })
      return await chain.read(action, async () => {
        const [gas, { maxFeePerGas }] = await Promise.all([
          reader.estimateGas({ account: account.address, to, data }),
          reader.estimateFeesPerGas(),
        ])
        return { gas, coins: gas * maxFeePerGas }
      })
    },
  }
}

/** Whether two orders are for the same; who is paid by an address or as a contact counts. */
function isSame(a: WantedPayment, b: WantedPayment): boolean {
  const same =
    a.amount === b.amount && a.note === b.note && a.contact === b.contact && a.refundOf === b.refundOf
  return same && isAddressEqual(a.to, b.to) && isAddressEqual(a.token, b.token)
}
