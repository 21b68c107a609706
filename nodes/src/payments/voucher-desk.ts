import { isAddressEqual, zeroAddress, type Address, type Hex } from 'viem'
import { PaymentError, type Voucher } from '@teahouse/protocol/payments'
import { tally, type Tally } from '../tally.ts'
import type { Channel, ReadChannel } from './channel-reader.ts'
import { VoucherError, type VoucherRefusal } from './errors.ts'
import type { Meter } from './meter.ts'
import type { VoucherBook } from './voucher-book.ts'
import { voucherSigner } from './voucher-signer.ts'

export interface VoucherDeskDeps {
  readonly chainId: number
  readonly channels: Address
  readonly payee: Address
  readonly readChannel: ReadChannel
  readonly book: VoucherBook
  readonly meter: Pick<Meter, 'bind'>
}

/** What the peer can use after a voucher, and the total booked. */
export interface Receipt {
  readonly credit: bigint
  readonly cumulative: bigint
}

/** Takes vouchers in. */
export interface VoucherDesk {
  /**
   * Checks a voucher against the channel on chain, books it on disk, and credits its increase to the requests of `peerId`.
   * What the chain has paid out gives no credit, since such vouchers are public: the book may be lost, or another node's of the payee.
   * The same voucher again is answered without a new credit; one that was sent to the chain is public, so it gives another peer than
   * the one that brought it no credit at all. @throws VoucherError.
   */
  take(voucher: Voucher, signature: Hex, peerId: string): Promise<Receipt>
  /** Vouchers since the start. */
  readonly counts: Tally<VoucherEvent>['counts']
}

/** `again`: it was booked already. */
export type VoucherEvent = 'booked' | 'again' | VoucherRefusal['code']

export function voucherDesk(deps: VoucherDeskDeps): VoucherDesk {
  const { payee, book, meter } = deps
  const recoverSigner = voucherSigner(deps.channels, deps.chainId)
  const counted = tally<VoucherEvent>()

  async function channelOf(payer: Address): Promise<Channel> {
    try {
      return await deps.readChannel(payer)
    } catch (cause) {
      throw new VoucherError("The chain can't be asked now", { code: 'CHAIN_UNAVAILABLE' }, { cause })
    }
  }

  function signerOf(voucher: Voucher, signature: Hex): Address {
    try {
      return recoverSigner(voucher, signature)
    } catch (cause) {
      if (!(cause instanceof PaymentError)) throw cause
      const field = cause.detail.code === 'OUT_OF_RANGE' ? cause.detail.field : 'signature'
      throw new VoucherError(cause.message, { code: 'MALFORMED', field }, { cause })
    }
  }

  async function checked(voucher: Voucher, signature: Hex): Promise<Channel> {
    if (!isAddressEqual(voucher.payee, payee)) {
      const detail = { code: 'WRONG_PAYEE', payee: voucher.payee, expected: payee } as const
      throw new VoucherError(`This node's payee is ${payee}`, detail)
    }
    const signer = signerOf(voucher, signature)
    const channel = await channelOf(voucher.payer)
    checkChannel(voucher, signer, channel)
    return channel
  }

  /** A voucher that is booked already: credit goes only to who can have it from its payer. */
  function again({ payer, epoch, cumulative }: Voucher, collected: bigint, peerId: string): Receipt {
    const known = book.voucher(payer, epoch)
    if (known?.cumulative !== cumulative) {
      const booked = known && known.cumulative > collected ? known.cumulative : collected
      const detail = { code: 'NOT_INCREASING', cumulative, booked } as const
      throw new VoucherError(`A voucher over ${booked} is booked already`, detail)
    }
    const everybodyHasIt = known.published && known.peerId !== peerId
    if (everybodyHasIt) return { credit: 0n, cumulative }
    return bound(known, peerId)
  }

  async function take(voucher: Voucher, signature: Hex, peerId: string): Promise<Receipt> {
    const { collected } = await checked(voucher, signature)
    const { payer, epoch, cumulative } = voucher
    const isNew = book.enter({ payer, epoch, cumulative, signature, peerId }, collected) !== undefined
    const receipt = isNew ? bound(voucher, peerId) : again(voucher, collected, peerId)
    counted.add(isNew ? 'booked' : 'again')
    return receipt
  }

  function bound({ payer, cumulative }: Pick<Voucher, 'payer' | 'cumulative'>, peerId: string): Receipt {
    meter.bind(peerId, payer)
    return { credit: book.credit(payer), cumulative }
  }

  return {
    async take(voucher, signature, peerId) {
      try {
        return await take(voucher, signature, peerId)
      } catch (err) {
        if (err instanceof VoucherError) counted.add(err.code)
        throw err
      }
    },
    counts: counted.counts,
  }
}

function checkChannel(voucher: Voucher, signer: Address, channel: Channel): void {
  const { epoch, cumulative } = voucher
  if (channel.signer === zeroAddress)
    throw new VoucherError('The payer has no open channel with this node', { code: 'CHANNEL_CLOSED' })
  if (epoch !== channel.epoch) {
    throw new VoucherError(`The channel is in epoch ${channel.epoch}`, {
      code: 'WRONG_EPOCH',
      epoch,
      current: channel.epoch,
    })
  }
  if (!isAddressEqual(signer, channel.signer)) {
    const detail = { code: 'WRONG_SIGNER', signer, expected: channel.signer } as const
    throw new VoucherError('The voucher is not signed by the key of this channel', detail)
  }
  if (channel.thawingUntil !== 0) {
    throw new VoucherError('The payer is closing the channel', {
      code: 'CLOSE_PENDING',
      thawingUntil: channel.thawingUntil,
    })
  }
  if (cumulative > channel.allocated) {
    const detail = { code: 'OVER_ALLOCATION', cumulative, allocated: channel.allocated } as const
    throw new VoucherError(`Only ${channel.allocated} is allocated to this node`, detail)
  }
}
