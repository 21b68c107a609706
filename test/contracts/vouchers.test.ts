import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { type Hex, parseSignature, serializeSignature } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { contractsAt, isRevert } from '../../protocol/src/chain/index.ts'
import {
  type Allocation,
  allocationDigest,
  type ChannelAction,
  compactVoucher,
  MAX_TOTAL,
  PaymentError,
  recoverVoucherSigner,
  signAllocation,
  signChannelAction,
  signVoucher,
  type Voucher,
  voucherDigest,
} from '../../protocol/src/payments/index.ts'
import { channelVectors } from '../support/channel-vectors.ts'
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

const anyAllocation = fc.record<Allocation>({
  payer: address,
  payee: address,
  total: fc.bigInt(0n, MAX_TOTAL),
  signer: address,
  epoch: fc.bigInt(0n, 2n ** 64n - 1n),
  nonce: fc.bigInt(0n, 2n ** 64n - 1n),
  deadline: fc.bigInt(0n, 2n ** 40n - 1n),
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

  it('are paid alike in the compact form, whatever the signature looks like', async () => {
    const { alice, bob, addresses } = chain
    const { PaymentChannels } = addresses
    const pay = async (cumulative: bigint) => {
      const voucher = { payer: alice.address, payee: bob.address, epoch: 1n, cumulative }
      return compactVoucher(voucher, await signVoucher(alice.account, PaymentChannels, CHAIN_ID, voucher))
    }
    const good = await Promise.all(Array.from({ length: 16 }, (_, i) => pay(401n + BigInt(i))))
    const parities = new Set(good.map(({ vs }) => BigInt(vs) >> 255n))
    assert.equal(parities.size, 2, 'both parities are tried')
    const flipped = good.map(({ vs, ...rest }): (typeof good)[number] => ({
      ...rest,
      vs: `0x${(BigInt(vs) ^ (1n << 255n)).toString(16).padStart(64, '0')}`,
    }))
    const before = await bob.contracts.Token.read.balanceOf([bob.address])
    const { collectCompact } = bob.contracts.PaymentChannels.simulate
    assert.equal((await collectCompact([bob.address, flipped])).result, 0n)
    await bob.contracts.PaymentChannels.write.collectCompact([bob.address, [...flipped, ...good]])
    assert.equal(await bob.contracts.Token.read.balanceOf([bob.address]), before + 16n)
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

describe('what a payer signs for others to send', () => {
  let chain: Awaited<ReturnType<typeof simulatedNetwork>>
  before(async () => {
    chain = await simulatedNetwork()
  })
  after(() => chain.connection.close())

  const inAnHour = async () => (await chain.client.getBlock()).timestamp + 3_600n

  it('has the same EIP-712 digest', async () => {
    const { alice, addresses } = chain
    await fc.assert(
      fc.asyncProperty(anyAllocation, async (allocation) => {
        const { deadline, ...rest } = allocation
        const onChain = await alice.contracts.PaymentChannels.read.allocationDigest([
          { ...rest, deadline: Number(deadline) },
        ])
        assert.equal(allocationDigest(addresses.PaymentChannels, CHAIN_ID, allocation), onChain)
      }),
      { numRuns: 50 },
    )
  })

  it('opens, thaws and closes a channel, and moves the deposit, sent by somebody else', async () => {
    const { alice, bob, client, testClient, addresses } = chain
    const { write, read } = bob.contracts.PaymentChannels
    const payer = alice.address
    const payee = bob.address
    const deadline = await inAnHour()
    const until = Number(deadline)
    const sentBefore = await client.getTransactionCount({ address: payer })
    const consent = (action: ChannelAction) =>
      signChannelAction(alice.account, addresses.PaymentChannels, CHAIN_ID, action)

    const deposit = { type: 'Deposit', from: payer, payer, amount: 900n, nonce: 0n, deadline } as const
    await write.depositFor([payer, payer, 900n, until, await consent(deposit)])
    const allocation = { payer, payee, total: 500n, signer: payer, epoch: 1n, nonce: 0n, deadline }
    const signature = await signAllocation(alice.account, addresses.PaymentChannels, CHAIN_ID, allocation)
    await write.allocateFor([{ ...allocation, deadline: until }, signature])
    assert.equal((await read.account([payer, payee])).allocated, 500n)

    const close = { payer, payee, epoch: 1n, deadline }
    await write.thawFor([payer, payee, until, await consent({ type: 'Thaw', nonce: 1n, ...close })])
    await testClient.increaseTime({ seconds: (await read.thawSeconds()) + 1 })
    const end = await consent({ type: 'Deallocation', nonce: 2n, ...close })
    await write.deallocateFor([payer, payee, until, end])
    const withdrawal = { type: 'Withdrawal', payer, amount: 900n, nonce: 1n, deadline } as const
    await write.withdrawFor([payer, 900n, until, await consent(withdrawal)])
    assert.equal(await alice.contracts.Token.read.balanceOf([payer]), 10n ** 15n)
    assert.equal(await client.getTransactionCount({ address: payer }), sentBefore, 'the payer sends nothing')
  })

  it('is as in test/vectors, in TypeScript', async () => {
    const { key, channels, chainId, vouchers, allocations, actions } = channelVectors()
    const account = privateKeyToAccount(key)
    for (const { message, digest, signature, compact } of vouchers) {
      assert.equal(voucherDigest(channels, chainId, message), digest)
      assert.equal(await signVoucher(account, channels, chainId, message), signature)
      assert.deepEqual(compactVoucher(message, signature), compact)
    }
    for (const { message, digest, signature } of allocations) {
      assert.equal(allocationDigest(channels, chainId, message), digest)
      assert.equal(await signAllocation(account, channels, chainId, message), signature)
    }
    for (const { action, signature } of actions)
      assert.equal(await signChannelAction(account, channels, chainId, action), signature)
  })

  it('is as in test/vectors, on chain', async () => {
    const { alice, client, testClient, addresses } = chain
    const { channels, vouchers, allocations } = channelVectors()
    const bytecode = (await client.getCode({ address: addresses.PaymentChannels }))!
    await testClient.setCode({ address: channels, bytecode })
    const { PaymentChannels } = contractsAt(
      { ...addresses, PaymentChannels: channels },
      { public: client, wallet: alice.wallet },
    )
    for (const { message, digest } of vouchers)
      assert.equal(await PaymentChannels.read.voucherDigest([message]), digest)
    for (const { message, digest } of allocations) {
      const onChain = { ...message, deadline: Number(message.deadline) }
      assert.equal(await PaymentChannels.read.allocationDigest([onChain]), digest)
    }
  })
})
