import { signVoucher } from '@teahouse/protocol/payments'
import { PROTOCOLS, PayRequest, PayResponse, decode } from '@teahouse/protocol/wire'
import { bytesToBigInt, hexToBytes, numberToBytes, type Address } from 'viem'
import type { Account } from '../account/account.ts'
import type { Chain } from '../chain/chain.ts'
import { requestId } from '../messaging/request-id.ts'
import type { NodeRecord } from '../net/directory.ts'
import type { Peer } from '../net/peer.ts'
import type { Channels, ChannelState } from './channel.ts'
import { PayError } from './errors.ts'
import { priceOf, type Offers } from './offers.ts'
import type { VoucherBook } from './voucher-book.ts'

const ANSWER_BYTES = 4 * 1024
/** How many more units are allocated when an allocation is needed. */
const SPARE_UNITS = 50n

/** What a node says after a voucher; both in the token's smallest unit. */
export interface PayAnswer {
  /** Paid and not yet used. */
  readonly credit: bigint
  /** The highest total it holds a voucher for. */
  readonly cumulative: bigint
}

export interface TillDeps {
  readonly chain: Chain
  readonly account: Account
  readonly peer: Peer
  readonly offers: Offers
  readonly channels: Channels
  readonly book: VoucherBook
}

export type Till = ReturnType<typeof createTill>

/** Pays nodes by voucher, never more for a unit of service than the node's signed offer says. */
export function createTill({ chain, account, peer, offers, channels, book }: TillDeps) {
  const { network, contracts } = chain

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

  /** The highest total ever signed: by the book, or, if the book was lost, as far as the chain has paid it out. */
  async function known(payee: Address, { epoch, collected, open }: ChannelState): Promise<bigint> {
    if (!open) return 0n
    const signed = await book.signed(payee, epoch)
    return signed > collected ? signed : collected
  }

  /** Signs and hands over a voucher worth `worth` more than everything before it. */
  async function pay(node: NodeRecord, worth: bigint, spare = 0n): Promise<PayAnswer> {
    const { payee } = node
    const before = await channels.state(payee)
    const { epoch, collected } = await channels.cover(payee, (await known(payee, before)) + worth, spare)
    const cumulative = await book.add(payee, { epoch, amount: worth, floor: collected })
    return present(node, epoch, cumulative)
  }

  /** Credit that an earlier voucher left at the node, if it lets this connection use it. */
  async function creditLeft(node: NodeRecord): Promise<bigint> {
    const channel = await channels.state(node.payee)
    const total = await known(node.payee, channel)
    if (total === 0n) return 0n
    try {
      return (await present(node, channel.epoch, total)).credit
    } catch (error) {
      // A node may take a voucher only once; the credit then joins that of the next voucher.
      if (error instanceof PayError && error.code === 'VOUCHER_REFUSED') return 0n
      throw error
    }
  }

  return {
    pay,
    /**
     * Gives a node credit for one unit of a service. Shows it the last voucher first, since credit may be left or an
     * answer may have been lost; pays only what is missing. Returns what was newly signed for, up to `limit`.
     * @throws PayError NOT_FOR_SALE, TOO_EXPENSIVE and others; CallError.
     */
    async buy(node: NodeRecord, service: string, limit?: bigint): Promise<bigint> {
      const { peerId } = node
      const price = priceOf(await offers.get(node), service)
      if (price === 0n) {
        throw new PayError(`The node ${peerId} doesn't sell ${service}`, {
          code: 'NOT_FOR_SALE',
          peerId,
          service,
        })
      }
      const missing = price - (await creditLeft(node))
      if (missing <= 0n) return 0n
      if (limit !== undefined && missing > limit) {
        const message = `The node ${peerId} asks ${missing} for ${service}, over the limit of ${limit}`
        throw new PayError(message, { code: 'TOO_EXPENSIVE', peerId, price: missing, limit })
      }
      await pay(node, missing, price * SPARE_UNITS)
      return missing
    },
  }
}

const amount = (bytes: Uint8Array): bigint => (bytes.length > 0 ? bytesToBigInt(bytes.subarray(0, 16)) : 0n)
