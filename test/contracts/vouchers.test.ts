import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { type Hex, parseSignature, serializeSignature } from 'viem'
import { isRevert } from '../../protocol/src/chain/index.ts'
import {
  PaymentError,
  recoverVoucherSigner,
  signVoucher,
  type Voucher,
  voucherDigest,
} from '../../protocol/src/payments/index.ts'
import { simulatedNetwork } from './support/simulated.ts'

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const CHAIN_ID = 31337

const address = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((b): Hex => `0x${Buffer.from(b).toString('hex')}`)
const anyVoucher = fc.record<Voucher>({
  payer: address,
  payee: address,
  epoch: fc.bigInt(0n, 2n ** 64n - 1n),
  cumulative: fc.bigInt(0n, 2n ** 128n - 1n),
})

describe('vouchers, in TypeScript and on chain', () => {
  let chain: Awaited<ReturnType<typeof simulatedNetwork>>
  before(async () => {
    chain = await simulatedNetwork()
  })
  after(() => chain.connection.close())

  it('have the same EIP-712 digest', async () => {
    const { alice, addresses } = chain
    await fc.assert(
      fc.asyncProperty(anyVoucher, async (voucher) => {
        const onChain = await alice.contracts.PaymentChannels.read.voucherDigest([voucher])
        assert.equal(voucherDigest(addresses.PaymentChannels, CHAIN_ID, voucher), onChain)
      }),
      { numRuns: 50 },
    )
  })

  it('are accepted or refused alike, whatever the signature looks like', async () => {
    const { alice, bob, addresses } = chain
    const { PaymentChannels } = addresses
    await alice.contracts.PaymentChannels.write.deposit([alice.address, 1_000n])
    await alice.contracts.PaymentChannels.write.allocate([bob.address, 1_000n, alice.address])
    const voucher = { payer: alice.address, payee: bob.address, epoch: 1n, cumulative: 400n }
    const good = await signVoucher(alice.account, PaymentChannels, CHAIN_ID, voucher)
    const { r, s, yParity } = parseSignature(good)
    const mirrored = serializeSignature({
      r,
      s: `0x${(ORDER - BigInt(s)).toString(16).padStart(64, '0')}`,
      yParity: 1 - yParity,
    })
    const body = good.slice(0, -2) as Hex
    const cases: Record<string, Hex> = {
      'v as 0 or 1': `${body}0${yParity}`,
      'the mirror image': mirrored,
      'the other parity': `${body}${yParity === 0 ? '1c' : '1b'}`,
      'v of 29': `${body}1d`,
      'one byte short': body,
      'one byte long': `${good}00`,
      nothing: '0x',
      zeros: `0x${'00'.repeat(65)}`,
      'r above the order': `0x${'ff'.repeat(32)}${good.slice(66)}`,
      "another person's": await signVoucher(bob.account, PaymentChannels, CHAIN_ID, voucher),
      "another chain's": await signVoucher(alice.account, PaymentChannels, 1, voucher),
      "another contract's": await signVoucher(alice.account, addresses.Escrow, CHAIN_ID, voucher),
    }
    for (const [name, signature] of Object.entries(cases)) {
      assert.notEqual(await signerOrCode(PaymentChannels, voucher, signature), alice.address, name)
      await assert.rejects(
        bob.contracts.PaymentChannels.simulate.collect([voucher, signature]),
        (error) => isRevert(error, 'WrongSigner'),
        name,
      )
    }
    assert.equal(await signerOrCode(PaymentChannels, voucher, good), alice.address)
    await bob.contracts.PaymentChannels.write.collect([voucher, good])
    assert.equal(await bob.contracts.Token.read.balanceOf([bob.address]), 10n ** 15n + 400n)
  })

  async function signerOrCode(channels: Hex, voucher: Voucher, signature: Hex): Promise<string> {
    try {
      return await recoverVoucherSigner(channels, CHAIN_ID, voucher, signature)
    } catch (error) {
      assert.ok(error instanceof PaymentError, `a PaymentError, not ${String(error)}`)
      return error.code
    }
  }
})
