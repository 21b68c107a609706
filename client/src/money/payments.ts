import { bytesToHex, randomBytes } from '@noble/hashes/utils.js'
import { withGasMargin } from '@teahouse/protocol/chain'
import { encodeFunctionData, erc20Abi, isAddressEqual, type Hash } from 'viem'
import { notRelayed } from '../chain-relay/errors.ts'
import type { Chain } from '../chain/chain.ts'
import { CallError } from '../chain/errors.ts'
import { bidsOf, taken, type MoneyBook, type Payment, type PaymentOrder } from './book.ts'
import { MoneyError } from './errors.ts'
import { createUnknownLook } from './unknown.ts'
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
export type WantedPayment = Omit<PaymentOrder, 'id'> & {
  readonly id?: string | undefined
  /** Pays though the chain shows a payment of the same that a restored book does not know. */
  readonly again?: boolean | undefined
}

export type Payments = ReturnType<typeof createPayments>

/** A payment that waited so many blocks is offered a higher fee. */
const RAISE_AFTER_BLOCKS = 3

const newPaymentId = (): string => bytesToHex(randomBytes(12))

/**
 * Sends payments so that each is made once. A payment is signed and on disk before anything is sent; its bytes have one nonce, so they can be
 * mined once at most, however often they are sent. Whatever begins again looks at the chain first.
 */
export function createPayments({ chain, tokens, book, now }: PaymentsDeps) {
  const requireUnpaid = createUnknownLook({ chain, book })

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

  async function make(order: PaymentOrder): Promise<Paid> {
    await requireBalance(order)
    let last: Hash | undefined
    const receipt = order.contact === undefined ? {} : ({ receipt: 'owed' } as const)
    try {
      const tx = await chain.writeRecorded(callOf(order), async (signed) => {
        const { number } = await chain.head()
        const begun = { state: 'sending', signed, since: Number(number), at: now(), reported: false } as const
        await book.begin({ ...order, ...receipt, ...begun }, last)
        last = signed.hash
      })
      return { payment: await keepEnd(order.id, tx.hash, { ...tx, state: 'paid' }), resumed: false }
    } catch (error) {
      const raised = last === undefined ? undefined : await replacedBy(error, order.id)
      if (raised) return raised
      const isMined = last !== undefined && error instanceof CallError && error.code === 'REVERTED'
      if (isMined) await keepEnd(order.id, last!, { state: 'failed' })
      throw error
    }
  }

  /** Writes down which of the transactions of a payment was mined, and how it ended. */
  async function keepEnd(
    id: string,
    hash: Hash,
    end: { state: 'paid' | 'failed'; blockNumber?: bigint; gasUsed?: bigint },
  ): Promise<Payment> {
    const bids = bidsOf((await book.get(id))!)
    const signed = bids.find((one) => one.hash === hash) ?? bids[0]
    const replaced = bids.filter((one) => one !== signed)
    const { state, blockNumber, gasUsed } = end
    return await book.change(id, {
      ...{ state, signed, ...(replaced.length > 0 && { replaced }) },
      ...(blockNumber !== undefined && { block: Number(blockNumber), gasUsed }),
    })
  }

  /** Another process of the account has sent the payment with a higher fee meanwhile, and that one took the nonce. */
  async function replacedBy(error: unknown, id: string): Promise<Paid | undefined> {
    const isReplaced = error instanceof MoneyError && error.code === 'ID_TAKEN'
    const payment = isReplaced ? await book.get(id) : undefined
    return payment && (await finish(payment))
  }

  /** What became of a payment that was being sent; with `push`, its bytes are sent again. */
  async function look(payment: Payment, push: boolean): Promise<Payment> {
    if (payment.state !== 'sending') return payment
    const found = await chain.recordedOutcome(bidsOf(payment), { push })
    if (found.state === 'open') return payment
    if (found.state === 'taken') {
      const now = (await book.get(payment.id))!
      // What another process has written down meanwhile may be what took the nonce.
      if (now.signed.hash !== payment.signed.hash || now.state !== 'sending') return await look(now, false)
      return await book.change(payment.id, { state: 'dropped' })
    }
    const { status, transactionHash: hash } = found.receipt
    return await keepEnd(payment.id, hash, {
      ...found.receipt,
      state: status === 'success' ? 'paid' : 'failed',
    })
  }

  /** With a higher fee, if it has waited long enough for one; on disk before it is sent. */
  async function hurried(payment: Payment): Promise<Payment> {
    const { number } = await chain.head()
    const { id, signed, since } = payment
    if (since === undefined || Number(number) < since + RAISE_AFTER_BLOCKS) return payment
    const more = await chain.raiseRecorded(signed, 'pay')
    return more ? await book.raise(id, signed.hash, more, Number(number)) : payment
  }

  /** Ends a payment that was begun before. Undefined if it never can be mined, so that it has to be made anew. */
  async function finish(begun: Payment): Promise<Paid | undefined> {
    const seen = await look(begun, false)
    const payment = seen.state === 'sending' ? await look(await hurried(seen), true) : seen
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
     * @throws MoneyError ID_TAKEN, MAYBE_PAID, STILL_OPEN, PAYMENT_FAILED; CallError NOT_ENOUGH_TOKENS, NO_GAS; ChainNodesError NOT_RELAYED, NOT_SEEN.
     */
    async pay({ again, ...wanted }: WantedPayment): Promise<Paid> {
      const found = await begun(wanted)
      const finished = found && (await finish(found))
      if (finished) return finished
      const order = { ...wanted, id: found?.id ?? wanted.id ?? newPaymentId() }
      if ((found || wanted.id !== undefined) && !again) await requireUnpaid(order, found?.at)
      return await make(order)
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
        const [estimate, { maxFeePerGas }] = await Promise.all([
          reader.estimateGas({ account: account.address, to, data }),
          reader.estimateFeesPerGas(),
        ])
        const gas = withGasMargin(estimate)
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
