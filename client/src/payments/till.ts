import { signVoucher } from '@teahouse/protocol/payments'
import { PROTOCOLS, PayRequest, PayResponse, decode } from '@teahouse/protocol/wire'
import { bytesToBigInt, hexToBytes, numberToBytes, type Address } from 'viem'
import type { Account } from '../account/account.ts'
import { formatAmount } from '../amounts.ts'
import type { Chain } from '../chain/chain.ts'
import { requestId } from '../messaging/request-id.ts'
import type { NodeRecord } from '../net/directory.ts'
import type { Peer } from '../net/peer.ts'
import { sleep } from '../sleep.ts'
import { createBudget, usualPrice, type Budget } from './budget.ts'
import { covers, type Channels, type ChannelState, type Covered } from './channel.ts'
import { PayError } from './errors.ts'
import type { MemberQuota } from './member-quota.ts'
import { priceOf, type Offers } from './offers.ts'
import type { VoucherBook } from './voucher-book.ts'

const ANSWER_BYTES = 4 * 1024
/** How many more orders of the same kind are allocated when an allocation is needed. */
const SPARE_UNITS = 50n
/** Milliseconds after which a voucher is shown again to a node that has not seen its channel yet: a block takes some seconds. */
const WAITS = [500, 1_000, 2_000, 3_000, 4_000, 5_000, 5_000]
/** How often it is put aside anew when others have used up meanwhile what was. */
const COVERS = 3

/** What a node says after a voucher; both in the token's smallest unit. */
export interface PayAnswer {
  /** Paid and not yet used. */
  readonly credit: bigint
  /** The highest total it holds a voucher for. */
  readonly cumulative: bigint
}

/** Units of services that are paid together, by service. */
export type Order = Readonly<Record<string, number>>

export interface TillDeps {
  readonly chain: Chain
  readonly account: Account
  readonly peer: Peer
  readonly offers: Offers
  readonly channels: Channels
  readonly book: VoucherBook
  readonly waits?: readonly number[]
  /** Without it a membership is nothing to a node. */
  readonly quota?: MemberQuota | undefined
}

export type Till = ReturnType<typeof createTill>

/** Pays nodes by voucher, never more for a unit of service than the node's signed offer says. */
export function createTill({ chain, account, peer, offers, channels, book, quota, waits = WAITS }: TillDeps) {
  const { network, contracts } = chain
  /** The end of what is shown to each payee. */
  const turns = new Map<Address, Promise<unknown>>()

  /** One voucher to a payee after the other: one that comes after a higher one would look like a lost book. */
  function inTurn<T>(payee: Address, task: () => Promise<T>): Promise<T> {
    const done = (turns.get(payee) ?? Promise.resolve()).then(task)
    turns.set(
      payee,
      done.catch(() => undefined),
    )
    return done
  }

  async function present(node: NodeRecord, epoch: bigint, cumulative: bigint): Promise<PayAnswer> {
    const { payee, peerId } = node
    const voucher = { payer: account.address, payee, epoch, cumulative }
    const signature = await signVoucher(
      account.eth,
      contracts.PaymentChannels.address,
      network.chainId,
      voucher,
    )
    const request = PayRequest.encode({
      requestId: requestId(),
      voucher: {
        payer: hexToBytes(voucher.payer),
        payee: hexToBytes(payee),
        epoch,
        cumulative: numberToBytes(cumulative),
        signature: hexToBytes(signature),
      },
    })
    const answer = decode(
      PayResponse,
      await peer.request(node, PROTOCOLS.pay, request, { maxBytes: ANSWER_BYTES }),
    )
    const held = amount(answer.cumulative)
    if (held > cumulative) {
      const message = `The node ${peerId} claims vouchers of ${held}, this account knows of ${cumulative}`
      throw new PayError(message, { code: 'VOUCHERS_LOST', payee, claimed: held, known: cumulative })
    }
    if (answer.statusCode !== 200) {
      const description = (answer.statusDesc ?? '').slice(0, 200)
      const { statusCode: status } = answer
      const message = `The node ${peerId} refused the voucher: ${status}, ${description}`
      throw new PayError(message, { code: 'VOUCHER_REFUSED', peerId, status, description })
    }
    return { credit: amount(answer.credit), cumulative: held }
  }

  /** Shows a voucher, and again to a node that is some blocks behind the transaction which covers it. */
  async function presentNew(node: NodeRecord, epoch: bigint, cumulative: bigint, isNew: boolean) {
    for (const wait of isNew ? waits : []) {
      try {
        return await present(node, epoch, cumulative)
      } catch (error) {
        if (!isBehind(error)) throw error
        await sleep(wait)
      }
    }
    return await present(node, epoch, cumulative)
  }

  /** The highest total ever signed: by the book, or, if the book was lost, as far as the chain has paid it out. */
  async function known(payee: Address, { epoch, collected, open }: ChannelState): Promise<bigint> {
    if (!open) return 0n
    const signed = await book.signed(payee, epoch)
    return signed > collected ? signed : collected
  }

  /** Signs and hands over a voucher worth `worth` more than everything before it; `budget` counts what is signed. */
  async function pay(
    node: NodeRecord,
    worth: bigint,
    { spare = 0n, budget }: { spare?: bigint; budget?: Budget } = {},
  ): Promise<PayAnswer> {
    const { payee } = node
    for (let attempt = 1; ; attempt++) {
      const before = await channels.state(payee)
      const channel = await channels.cover(payee, (await known(payee, before)) + worth, spare)
      const paid = await inTurn(payee, async () => {
        const isLast = attempt >= COVERS
        return isLast || covers(channel, (await known(payee, channel)) + worth)
          ? await hand(node, channel, worth, budget)
          : undefined
      })
      if (paid) return paid
    }
  }

  /** Signs for `worth` more, which is covered, and hands it over. In the payee's turn only. */
  async function hand(
    node: NodeRecord,
    channel: Covered,
    worth: bigint,
    budget?: Budget,
  ): Promise<PayAnswer> {
    const { epoch, collected, isNew } = channel
    const cumulative = await book.add(node.payee, { epoch, amount: worth, floor: collected })
    budget?.add(worth)
    return await presentNew(node, epoch, cumulative, isNew)
  }

  /** Pays out of what is put aside already, without any transaction. Throws PayError NOT_COVERED. */
  async function payCovered(node: NodeRecord, worth: bigint, budget: Budget): Promise<PayAnswer> {
    const { payee } = node
    const channel = await channels.state(payee)
    return await inTurn(payee, async () => {
      const total = (await known(payee, channel)) + worth
      if (covers(channel, total)) return await hand(node, { ...channel, isNew: false }, worth, budget)
      const { allocated } = channel
      const message = `${formatAmount(total)} tokens in all would have to be put aside for ${payee}, ${formatAmount(allocated)} are`
      throw new PayError(message, { code: 'NOT_COVERED', payee, total, allocated })
    })
  }

  /** Credit that an earlier voucher left at the node, if it lets this connection use it. */
  async function creditLeft(node: NodeRecord): Promise<bigint> {
    const channel = await channels.state(node.payee)
    try {
      return await inTurn(node.payee, async () => {
        const total = await known(node.payee, channel)
        return total === 0n ? 0n : (await present(node, channel.epoch, total)).credit
      })
    } catch (error) {
      // A node may take a voucher from one connection only; its credit then joins that of the next voucher.
      if (error instanceof PayError && isBooked(error)) return 0n
      throw error
    }
  }

  return {
    /** True if the node now gives the order for nothing, to this member of its operator's home. What fails here is no reason not to pay. */
    openQuota: async (node: NodeRecord, order: Order): Promise<boolean> =>
      (await quota?.open(node, order).catch(() => false)) ?? false,
    pay,
    /** What a unit of a service costs at a node, 0 if it does not sell it. Throws PayError NO_OFFER, BAD_OFFER; NetError. */
    priceOf: async (node: NodeRecord, service: string): Promise<bigint> =>
      priceOf(await offers.get(node), service),
    /**
     * Gives a node credit for an order. Shows it the last voucher first, since credit may be left or an answer may have been
     * lost; pays only what is missing, and counts it in `budget`. No more than what is left of that is signed for or put aside;
     * if the caller has set no limit, a unit may also cost no more than what is usual. With `covered` no transaction is sent.
     * @throws PayError NOT_FOR_SALE, TOO_EXPENSIVE, NOT_COVERED and others; CallError.
     */
    async buy(
      node: NodeRecord,
      order: Order,
      budget: Budget = createBudget(),
      { covered = false }: { readonly covered?: boolean } = {},
    ): Promise<void> {
      const { peerId } = node
      const service = Object.keys(order).join(' and ')
      const offer = await offers.get(node)
      const items = Object.entries(order).map(([name, units]) => ({ price: priceOf(offer, name), units }))
      const price = items.reduce((sum, item) => sum + item.price * BigInt(item.units), 0n)
      if (price === 0n) {
        const detail = { code: 'NOT_FOR_SALE', peerId, service } as const
        throw new PayError(`The node ${peerId} doesn't sell ${service}`, detail)
      }
      if (budget.usual)
        for (const item of items) requireAtMost(usualPrice(node), item.price, { peerId, service })
      const missing = price - (await creditLeft(node))
      if (missing <= 0n) return
      const { left } = budget
      requireAtMost(left, missing, { peerId, service })
      if (covered) return void (await payCovered(node, missing, budget))
      const spare = price * SPARE_UNITS < left - missing ? price * SPARE_UNITS : left - missing
      await pay(node, missing, { spare, budget })
    },
  }
}

function requireAtMost(
  limit: bigint,
  price: bigint,
  { peerId, service }: { peerId: string; service: string },
) {
  if (price <= limit) return
  const message = `The node ${peerId} asks ${formatAmount(price)} tokens for ${service}, over the limit of ${formatAmount(limit)}`
  throw new PayError(message, { code: 'TOO_EXPENSIVE', peerId, price, limit })
}

const amount = (bytes: Uint8Array): bigint => (bytes.length > 0 ? bytesToBigInt(bytes.subarray(0, 16)) : 0n)

/** The node does not see yet what covers the voucher; docs/wire/pay.md. */
const BEHIND = /^(CHANNEL_CLOSED|WRONG_EPOCH|OVER_ALLOCATION|WRONG_SIGNER|CLOSE_PENDING|CHAIN_UNAVAILABLE)\b/
const isBehind = (error: unknown): boolean =>
  error instanceof PayError &&
  error.detail.code === 'VOUCHER_REFUSED' &&
  BEHIND.test(error.detail.description)

/** The node has this voucher, or a higher one of ours, already; docs/wire/pay.md. */
const isBooked = ({ detail }: PayError): boolean =>
  detail.code === 'VOUCHER_REFUSED' && detail.description.startsWith('NOT_INCREASING')
