import fc from 'fast-check'
import { type Address, type Hex, parseSignature } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { PaymentError } from './errors.ts'
import { type Offer, offerId, pricesHash, signOffer, verifyOffer } from './offer.ts'
import { type Allocation, allocationDigest, MAX_TOTAL } from './allocation.ts'
import { type ChannelAction, signChannelAction } from './channel-action.ts'
import { compactVoucher, recoverVoucherSigner, signVoucher, type Voucher, voucherDigest } from './voucher.ts'

const KEY: Hex = `0x${'11'.repeat(32)}`
const signer = privateKeyToAccount(KEY)
const stranger = privateKeyToAccount(`0x${'22'.repeat(32)}`)
const CHANNELS: Address = '0x1000000000000000000000000000000000000001'
const OTHER: Address = '0x2000000000000000000000000000000000000002'
const CHAIN = 31337
const VOUCHER: Voucher = { payer: signer.address, payee: OTHER, epoch: 1n, cumulative: 5n }
const OFFER: Offer = {
  operatorId: 1,
  payee: OTHER,
  validUntil: 2_000n,
  prices: [
    {
      service: 'store-query',
      price: 100n,
      freeQuota: 10,
      quotaWindowSeconds: 60,
      maxUnits: 0,
      maxBytes: 0,
      memberQuota: 0,
    },
    {
      service: 'lightpush',
      price: 7n,
      freeQuota: 0,
      quotaWindowSeconds: 60,
      maxUnits: 0,
      maxBytes: 0,
      memberQuota: 9,
    },
  ],
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(PaymentError)
  return (error as PaymentError).code
}

describe('a voucher', () => {
  it('is recovered to its signer', async () => {
    const signature = await signVoucher(signer, CHANNELS, CHAIN, VOUCHER)
    expect(await recoverVoucherSigner(CHANNELS, CHAIN, VOUCHER, signature)).toBe(signer.address)
  })

  it.each([
    { given: 'another contract', channels: OTHER, chain: CHAIN, voucher: VOUCHER },
    { given: 'another chain', channels: CHANNELS, chain: 1, voucher: VOUCHER },
    { given: 'another payer', channels: CHANNELS, chain: CHAIN, voucher: { ...VOUCHER, payer: OTHER } },
    { given: 'another payee', channels: CHANNELS, chain: CHAIN, voucher: { ...VOUCHER, payee: CHANNELS } },
    { given: 'another epoch', channels: CHANNELS, chain: CHAIN, voucher: { ...VOUCHER, epoch: 2n } },
    { given: 'another total', channels: CHANNELS, chain: CHAIN, voucher: { ...VOUCHER, cumulative: 6n } },
  ])('is not its signer’s with $given', async ({ channels, chain, voucher }) => {
    const signature = await signVoucher(signer, CHANNELS, CHAIN, VOUCHER)
    expect(await recoverVoucherSigner(channels, chain, voucher, signature)).not.toBe(signer.address)
  })

  it.each([
    { field: 'epoch', voucher: { ...VOUCHER, epoch: 2n ** 64n } },
    { field: 'epoch', voucher: { ...VOUCHER, epoch: -1n } },
    { field: 'cumulative', voucher: { ...VOUCHER, cumulative: 2n ** 128n } },
    { field: 'cumulative', voucher: { ...VOUCHER, cumulative: -1n } },
  ])('must have $field in range', ({ field, voucher }) => {
    expect(() => voucherDigest(CHANNELS, CHAIN, voucher)).toThrow(
      expect.objectContaining({
        detail: expect.objectContaining({ code: 'OUT_OF_RANGE', field }) as unknown,
      }),
    )
  })

  it('with random bytes for a signature is refused or somebody else’s, and nothing else is thrown', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), fc.boolean(), async (bytes, exact) => {
        const body = Buffer.from(bytes).toString('hex')
        const signature: Hex = exact ? `0x${body.padEnd(128, '7').slice(0, 128)}1b` : `0x${body}`
        const result = await recoverVoucherSigner(CHANNELS, CHAIN, VOUCHER, signature).catch(
          (error: unknown) => {
            expect(error).toBeInstanceOf(PaymentError)
            return undefined
          },
        )
        expect(result).not.toBe(signer.address)
      }),
    )
  })
})

describe('a compact voucher', () => {
  it('is r and s with the parity of y', async () => {
    const signature = await signVoucher(signer, CHANNELS, CHAIN, VOUCHER)
    const { payer, cumulative, r, vs } = compactVoucher(VOUCHER, signature)
    expect({ payer, cumulative }).toEqual({ payer: VOUCHER.payer, cumulative: VOUCHER.cumulative })
    const { r: ofSignature, s, yParity } = parseSignature(signature)
    expect(r).toBe(ofSignature)
    expect(BigInt(vs)).toBe((BigInt(yParity) << 255n) | BigInt(s))
  })

  it.each<Hex>(['0x', '0x1234', `0x${'ff'.repeat(64)}1b`, `0x${'11'.repeat(64)}1d`])(
    'is not made of %s: BAD_SIGNATURE',
    (signature) => {
      expect(() => compactVoucher(VOUCHER, signature)).toThrow(
        expect.objectContaining({ detail: { code: 'BAD_SIGNATURE' } }),
      )
    },
  )
})

describe('an allocation', () => {
  const ALLOCATION: Allocation = {
    payer: signer.address,
    payee: OTHER,
    total: 5n,
    signer: signer.address,
    epoch: 1n,
    nonce: 0n,
    deadline: 2_000n,
  }

  it.each<{ field: string; change: Partial<Allocation> }>([
    { field: 'total', change: { total: MAX_TOTAL + 1n } },
    { field: 'total', change: { total: -1n } },
    { field: 'epoch', change: { epoch: 2n ** 64n } },
    { field: 'nonce', change: { nonce: 2n ** 64n } },
    { field: 'deadline', change: { deadline: 2n ** 40n } },
  ])('must have $field in range', ({ field, change }) => {
    expect(() => allocationDigest(CHANNELS, CHAIN, { ...ALLOCATION, ...change })).toThrow(
      expect.objectContaining({
        detail: expect.objectContaining({ code: 'OUT_OF_RANGE', field }) as unknown,
      }),
    )
  })

  it.each<Partial<Allocation>>([
    { payer: OTHER },
    { payee: CHANNELS },
    { total: 6n },
    { signer: OTHER },
    { epoch: 2n },
    { nonce: 1n },
    { deadline: 2_001n },
  ])('is another one with %o', (change) => {
    const changed = allocationDigest(CHANNELS, CHAIN, { ...ALLOCATION, ...change })
    expect(changed).not.toBe(allocationDigest(CHANNELS, CHAIN, ALLOCATION))
  })
})

describe('a channel action', () => {
  it.each<{ field: string; change: Partial<ChannelAction> }>([
    { field: 'amount', change: { amount: 2n ** 128n } },
    { field: 'nonce', change: { nonce: -1n } },
    { field: 'deadline', change: { deadline: 2n ** 40n } },
  ])('must have $field in range', async ({ change }) => {
    const withdrawal = { type: 'Withdrawal', payer: OTHER, amount: 1n, nonce: 0n, deadline: 0n } as const
    const signing = signChannelAction(signer, CHANNELS, CHAIN, { ...withdrawal, ...change } as ChannelAction)
    expect(await codeOf(signing)).toBe('OUT_OF_RANGE')
  })
})

describe('an offer', () => {
  it('holds for its node until it expires', async () => {
    const signature = await signOffer(signer, CHANNELS, CHAIN, OFFER)
    const at = (nowSeconds: bigint) =>
      verifyOffer(CHANNELS, CHAIN, OFFER, signature, { node: signer.address, nowSeconds })
    await expect(at(2_000n)).resolves.toBeUndefined()
    expect(await codeOf(at(2_001n))).toBe('OFFER_EXPIRED')
  })

  it('names every price in its order', () => {
    const [first, second] = OFFER.prices
    expect(pricesHash([second!, first!])).not.toBe(pricesHash(OFFER.prices))
    for (const change of [
      { service: 'x' },
      { price: 101n },
      { freeQuota: 11 },
      { quotaWindowSeconds: 61 },
      { maxUnits: 1 },
      { memberQuota: 1 },
      { maxBytes: 1 },
    ]) {
      const changed = { ...OFFER, prices: [{ ...first!, ...change }, second!] }
      expect(offerId(CHANNELS, CHAIN, changed)).not.toBe(offerId(CHANNELS, CHAIN, OFFER))
    }
  })

  it.each([
    { given: 'another operator', offer: { ...OFFER, operatorId: 2 }, code: 'WRONG_SIGNER' },
    { given: 'another payee', offer: { ...OFFER, payee: CHANNELS }, code: 'WRONG_SIGNER' },
    { given: 'a longer life', offer: { ...OFFER, validUntil: 9_999n }, code: 'WRONG_SIGNER' },
    { given: 'no prices', offer: { ...OFFER, prices: [] }, code: 'WRONG_SIGNER' },
    { given: 'an operator id of 33 bits', offer: { ...OFFER, operatorId: 2 ** 32 }, code: 'OUT_OF_RANGE' },
  ])('changed to $given is refused: $code', async ({ offer, code }) => {
    const signature = await signOffer(signer, CHANNELS, CHAIN, OFFER)
    const check = verifyOffer(CHANNELS, CHAIN, offer, signature, { node: signer.address, nowSeconds: 1n })
    expect(await codeOf(check)).toBe(code)
  })

  it('of a stranger is refused', async () => {
    const signature = await signOffer(stranger, CHANNELS, CHAIN, OFFER)
    const check = verifyOffer(CHANNELS, CHAIN, OFFER, signature, { node: signer.address, nowSeconds: 1n })
    expect(await codeOf(check)).toBe('WRONG_SIGNER')
  })

  it('with a malformed signature is refused', async () => {
    const check = verifyOffer(CHANNELS, CHAIN, OFFER, '0x1234', { node: signer.address, nowSeconds: 1n })
    expect(await codeOf(check)).toBe('BAD_SIGNATURE')
  })
})
