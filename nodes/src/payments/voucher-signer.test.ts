import fc from 'fast-check'
import { bytesToHex, isAddressEqual, type Hex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { recoverVoucherSigner, signVoucher, voucherDigest, voucherHasher } from '@teahouse/protocol/payments'
import { voucherSigner } from './voucher-signer.ts'

const CHANNELS = `0x${'cc'.repeat(20)}` as const
const CHAIN_ID = 31_337
const account = privateKeyToAccount(generatePrivateKey())
const signerOf = voucherSigner(CHANNELS, CHAIN_ID)

const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(bytesToHex)
const voucher = fc.record({
  payer: address,
  payee: address,
  epoch: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  cumulative: fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
})
const outcome = async (task: () => Hex | Promise<Hex>): Promise<string> => {
  try {
    return (await task()).toLowerCase()
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('voucherSigner', () => {
  it('finds who signed, over the digest that the contract has', async () => {
    const hash = voucherHasher(CHANNELS, CHAIN_ID)
    await fc.assert(
      fc.asyncProperty(voucher, async (given) => {
        expect(bytesToHex(hash(given))).toBe(voucherDigest(CHANNELS, CHAIN_ID, given))
        const signature = await signVoucher(account, CHANNELS, CHAIN_ID, given)
        expect(isAddressEqual(signerOf(given, signature), account.address)).toBe(true)
      }),
      { numRuns: 20 },
    )
  })

  it('says the same as the slow way of any bytes', async () => {
    const [given] = fc.sample(voucher, 1)
    const good = await signVoucher(account, CHANNELS, CHAIN_ID, given!)
    const zero = `0x${'00'.repeat(64)}1b` as const
    const changed = fc
      .tuple(fc.nat(129), fc.constantFrom(...'0123456789abcdef'))
      .map(([at, digit]): Hex => `0x${good.slice(2, 2 + at)}${digit}${good.slice(3 + at)}`)
    const any = fc.uint8Array({ minLength: 63, maxLength: 66 }).map(bytesToHex)
    await fc.assert(
      fc.asyncProperty(fc.oneof(changed, any, fc.constant(zero)), async (signature) => {
        const slow = await outcome(() => recoverVoucherSigner(CHANNELS, CHAIN_ID, given!, signature))
        expect(await outcome(() => signerOf(given!, signature))).toBe(slow)
      }),
      { numRuns: 60 },
    )
  })

  it('refuses a total that does not fit', async () => {
    const [given] = fc.sample(voucher, 1)
    const good = await signVoucher(account, CHANNELS, CHAIN_ID, given!)
    const over = { ...given!, cumulative: 2n ** 128n }
    expect(await outcome(() => signerOf(over, good))).toBe('OUT_OF_RANGE')
  })
})
