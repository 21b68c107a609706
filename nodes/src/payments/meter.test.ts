import { beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from '../storage/index.ts'
import { createMeter, type Meter } from './meter.ts'
import { VOUCHER_MIGRATIONS, voucherBook, type VoucherBook } from './voucher-book.ts'
import { windowCounter } from './window-counter.ts'

const PAYER = `0x${'11'.repeat(20)}` as const
const PRICES: Record<string, bigint> = { push: 3n, proof: 10n }
const OK = { ok: true }

let book: VoucherBook
let meter: Meter
let free: Record<string, number>
let most: Record<string, number>

beforeEach(() => {
  book = voucherBook(openDatabase(':memory:', VOUCHER_MIGRATIONS))
  ;[free, most] = [{}, {}]
  const counter = (limitOf: (service: string) => number) =>
    windowCounter({
      limitOf: (service) => ({ units: limitOf(service), windowSeconds: 60 }),
      maxPeers: 9,
      now: () => 0,
    })
  meter = createMeter({
    priceOf: (service) => PRICES[service] ?? 0n,
    book,
    quota: counter((service) => free[service] ?? 0),
    rates: counter((service) => most[service] ?? Infinity),
    offerId: async () => '0xoffer',
  })
})

function pay(amount: bigint): void {
  book.enter({ payer: PAYER, epoch: 1n, cumulative: amount, signature: '0x', peerId: 'peer' })
  meter.bind('peer', PAYER)
}

const chargeBoth = () => meter.charge('peer', 'push', 1, { proof: 1 })

describe('a charge for two services', () => {
  it('takes both from credit, and nothing if it does not do', async () => {
    pay(13n)
    expect(await chargeBoth()).toEqual(OK)
    expect(book.credit(PAYER)).toBe(0n)
    pay(25n)
    expect(await chargeBoth()).toMatchObject({
      ok: false,
      description: expect.stringContaining('push and proof costs 13'),
    })
    expect(book.credit(PAYER)).toBe(12n)
  })

  it('takes what is free of it for free when credit pays only for the rest', async () => {
    free = { push: 1 }
    pay(10n)
    expect(await chargeBoth()).toEqual(OK)
    expect(book.credit(PAYER)).toBe(0n)
    expect(await meter.charge('peer', 'push', 1)).toMatchObject({ ok: false })
  })

  it('takes nothing free if the rest is not paid', async () => {
    free = { push: 1 }
    expect(await chargeBoth()).toMatchObject({ ok: false })
    expect(await meter.charge('peer', 'push', 1)).toEqual(OK)
  })
})

describe('a limit', () => {
  it('ends what a peer may have of a service, paid or free, and is no other peer’s', async () => {
    most = { push: 2, tea: 1 }
    pay(100n)
    expect(await meter.charge('peer', 'push', 2)).toEqual(OK)
    expect(await chargeBoth()).toMatchObject({
      ok: false,
      description: expect.stringContaining('limit of push'),
    })
    expect(book.credit(PAYER)).toBe(94n)
    expect(await meter.charge('peer', 'tea', 1)).toEqual(OK)
    expect(await meter.charge('peer', 'tea', 1)).toMatchObject({ ok: false })
    expect(await meter.charge('other', 'tea', 1)).toEqual(OK)
  })
})

describe('what a peer can afford', () => {
  it('is by credit or by what is free, within the limit', () => {
    expect(meter.affordable('peer', 'push')).toBe(0)
    expect(meter.affordable('peer', 'tea')).toBe(Infinity)
    free = { push: 2 }
    expect(meter.affordable('peer', 'push')).toBe(2)
    pay(11n)
    expect(meter.affordable('peer', 'push')).toBe(3)
    most = { push: 1 }
    expect(meter.affordable('peer', 'push')).toBe(1)
  })
})
