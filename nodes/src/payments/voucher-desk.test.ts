import { privateKeyToAccount } from 'viem/accounts'
import { beforeEach, describe, expect, it } from 'vitest'
import { signVoucher, type Voucher } from '@teahouse/protocol/payments'
import { openDatabase } from '../storage/index.ts'
import type { Channel } from './channel-reader.ts'
import { createMeter, type Meter } from './meter.ts'
import { VOUCHER_MIGRATIONS, voucherBook, type VoucherBook } from './voucher-book.ts'
import { voucherDesk, type VoucherDesk } from './voucher-desk.ts'
import { windowCounter } from './window-counter.ts'

const payer = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const stranger = privateKeyToAccount(`0x${'22'.repeat(32)}`)
const PAYEE = `0x${'bb'.repeat(20)}` as const
const CHANNELS = `0x${'cc'.repeat(20)}` as const
const VOUCHER: Voucher = { payer: payer.address, payee: PAYEE, epoch: 1n, cumulative: 10n }
const NOBODY = `0x${'00'.repeat(20)}` as const
const OPEN: Channel = { signer: payer.address, epoch: 1n, allocated: 100n, collected: 0n, thawingUntil: 0 }

let channel: Channel | undefined
let book: VoucherBook
let meter: Meter
let desk: VoucherDesk

beforeEach(() => {
  channel = OPEN
  book = voucherBook(openDatabase(':memory:', VOUCHER_MIGRATIONS))
  meter = createMeter({
    priceOf: (service) => (service === 'store-query' ? 4n : 0n),
    book,
    quota: windowCounter({ limitOf: () => ({ units: 0, windowSeconds: 60 }), maxPeers: 9, now: () => 0 }),
    rates: windowCounter({
      limitOf: () => ({ units: Infinity, windowSeconds: 60 }),
      maxPeers: 9,
      now: () => 0,
    }),
    offerId: async () => '0xoffer',
  })
  const readChannel = async () => {
    if (!channel) throw new Error('away')
    return channel
  }
  desk = voucherDesk({ chainId: 1, channels: CHANNELS, payee: PAYEE, readChannel, book, meter })
})

const take = async (
  change: Partial<Voucher> = {},
  { by = payer, chainId = 1, channels = CHANNELS, peerId = 'peer' } = {},
) => {
  const voucher = { ...VOUCHER, ...change }
  return await desk.take(voucher, await signVoucher(by, channels, chainId, voucher), peerId)
}

describe('voucherDesk', () => {
  it('credits the peer, whose requests use it up, one price each', async () => {
    expect(await take()).toEqual({ credit: 10n, cumulative: 10n })
    expect(await meter.charge('peer', 'store-query', 2)).toEqual({ ok: true })
    expect(await meter.charge('peer', 'store-query', 1)).toMatchObject({
      ok: false,
      description: expect.stringContaining('0xoffer'),
    })
    expect(await meter.charge('peer', 'lightpush', 100)).toEqual({ ok: true })
    expect(await take()).toEqual({ credit: 2n, cumulative: 10n })
  })

  it('gives credit to the connection that brought the voucher, and to no other', async () => {
    await take()
    expect(await meter.charge('other', 'store-query', 1)).toMatchObject({ ok: false })
    meter.release('peer')
    expect(await meter.charge('peer', 'store-query', 1)).toMatchObject({ ok: false })
    expect(await take({}, { peerId: 'reconnected' })).toMatchObject({ credit: 10n })
    expect(await meter.charge('reconnected', 'store-query', 1)).toEqual({ ok: true })
  })

  it('gives nothing to who reads a voucher off the chain', async () => {
    await take()
    book.setPublished(payer.address, 1n, 10n)
    expect(await take({}, { peerId: 'thief' })).toEqual({ credit: 0n, cumulative: 10n })
    expect(await meter.charge('thief', 'store-query', 1)).toMatchObject({ ok: false })
    expect(await take()).toMatchObject({ credit: 10n })
  })

  it('gives nothing for what the chain has paid out, of which it knows no voucher', async () => {
    channel = { ...OPEN, collected: 10n }
    await expect(take({}, { peerId: 'thief' })).rejects.toMatchObject({
      detail: { code: 'NOT_INCREASING', booked: 10n },
    })
    expect(await take({ cumulative: 14n })).toEqual({ credit: 4n, cumulative: 14n })
  })

  it('takes one of two vouchers of one total that come at the same time', async () => {
    const [first, second] = await Promise.all([take(), take()])
    expect(first).toEqual(second)
    expect(book.credit(payer.address)).toBe(10n)
  })
})

describe('when it must refuse', () => {
  it.each([
    { given: 'another payee', run: () => take({ payee: stranger.address }), code: 'WRONG_PAYEE' },
    { given: 'another signer', run: () => take({}, { by: stranger }), code: 'WRONG_SIGNER' },
    { given: 'another chain', run: () => take({}, { chainId: 2 }), code: 'WRONG_SIGNER' },
    { given: 'another contract', run: () => take({}, { channels: PAYEE }), code: 'WRONG_SIGNER' },
    { given: 'an earlier epoch', run: () => take({ epoch: 0n }), code: 'WRONG_EPOCH' },
    { given: 'a later epoch', run: () => take({ epoch: 2n }), code: 'WRONG_EPOCH' },
    { given: 'more than is allocated', run: () => take({ cumulative: 101n }), code: 'OVER_ALLOCATION' },
    { given: 'a broken signature', run: () => desk.take(VOUCHER, '0x1234', 'peer'), code: 'MALFORMED' },
  ])('a voucher with $given: $code', async ({ run, code }) => {
    await expect(run()).rejects.toMatchObject({ code })
    expect(book.totals().credited).toBe(0n)
  })

  it.each([
    {
      given: 'a closed channel',
      state: { ...OPEN, signer: NOBODY },
      code: 'CHANNEL_CLOSED',
    },
    { given: 'a channel that is closing', state: { ...OPEN, thawingUntil: 9 }, code: 'CLOSE_PENDING' },
    { given: 'a chain that is away', state: undefined, code: 'CHAIN_UNAVAILABLE' },
  ])('a voucher of $given: $code', async ({ state, code }) => {
    channel = state
    await expect(take()).rejects.toMatchObject({ code })
  })

  it('a voucher over nothing: NOT_INCREASING', async () => {
    await expect(take({ cumulative: 0n })).rejects.toMatchObject({
      detail: { code: 'NOT_INCREASING', booked: 0n },
    })
  })

  it('a voucher over less than is booked: NOT_INCREASING, saying what is', async () => {
    await take()
    await expect(take({ cumulative: 9n })).rejects.toMatchObject({
      detail: { code: 'NOT_INCREASING', booked: 10n },
    })
  })
})
