import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { type Address, hashTypedData, type Hex, toHex } from 'viem'
import { isRevert } from '../../protocol/src/chain/index.ts'
import {
  claimDigest,
  claimKey,
  createTypedData,
  envelopeId,
  type Share,
  sharesOf,
  shareTree,
  shuffled,
  signClaim,
  signCreate,
  splitEqually,
  splitRandomly,
  type Terms,
} from '../../protocol/src/envelopes/index.ts'
import { simulatedNetwork } from './support/simulated.ts'

const CHAIN_ID = 31337
const word = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes): Hex => toHex(bytes))
const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes): Address => toHex(bytes))
const anyTerms = fc.record({
  creator: address,
  amount: fc.bigInt(1n, 2n ** 128n - 1n),
  shares: fc.integer({ min: 1, max: 128 }),
  expiry: fc.integer({ min: 1, max: 2 ** 40 - 1 }),
  gated: fc.constant(false),
  root: word.filter((root) => BigInt(root) !== 0n),
  salt: word,
})

let chain: Awaited<ReturnType<typeof simulatedNetwork>>
before(async () => {
  chain = await simulatedNetwork()
})
after(() => chain.connection.close())

/** Terms of alice's for `shares`, with a day to claim. */
async function termsFor(shares: readonly Share[], salt: Hex): Promise<Terms> {
  const { timestamp } = await chain.client.getBlock()
  return {
    creator: chain.alice.address,
    amount: shares.reduce((sum, { amount }) => sum + amount, 0n),
    shares: shares.length,
    expiry: Number(timestamp) + 86_400,
    gated: false,
    root: shareTree(shares).root,
    salt,
  }
}

const hashes = (seed: number): Hex => toHex(seed, { size: 32 })

describe('envelopes, in TypeScript and on chain', () => {
  it('have the same name and digests', async () => {
    const { RedEnvelope } = chain.alice.contracts
    const at = chain.addresses.RedEnvelope
    await fc.assert(
      fc.asyncProperty(
        anyTerms,
        address,
        fc.integer({ min: 0, max: 2 ** 40 - 1 }),
        async (terms, to, until) => {
          const id = envelopeId(at, CHAIN_ID, terms)
          assert.equal(id, await RedEnvelope.read.envelopeId([terms]))
          assert.equal(claimDigest(at, CHAIN_ID, id, to), await RedEnvelope.read.claimDigest([id, to]))
          const digest = await RedEnvelope.read.createDigest([terms, until])
          assert.equal(hashTypedData(createTypedData(at, CHAIN_ID, terms, until)), digest)
        },
      ),
      { numRuns: 30 },
    )
  })

  for (const count of [1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65, 127, 128]) {
    it(`of ${count} random shares give out what was split`, async () => {
      const { alice, bob, addresses } = chain
      const secret = crypto.getRandomValues(new Uint8Array(32))
      const shares = sharesOf(splitRandomly(1_000_000n, count), secret)
      const terms = await termsFor(shares, hashes(count))
      await alice.contracts.RedEnvelope.write.create([terms])
      const id = envelopeId(addresses.RedEnvelope, CHAIN_ID, terms)
      const tree = shareTree(shares)
      const some = new Set([0, count - 1, Math.floor(Math.random() * count)])
      for (const index of some) {
        const share = shares[index]!
        const recipient = toHex(0xc0ffee00 + 1000 * count + index, { size: 20 })
        const signature = await signClaim(
          claimKey(secret, index),
          addresses.RedEnvelope,
          CHAIN_ID,
          id,
          recipient,
        )
        const claim = [terms, share, tree.path(index), recipient, signature] as const
        const more = { ...share, amount: share.amount + 1n }
        await assert.rejects(
          bob.contracts.RedEnvelope.simulate.claimShare([
            terms,
            more,
            tree.path(index),
            recipient,
            signature,
          ]),
          (error) => isRevert(error, 'NotAShare'),
        )
        await bob.contracts.RedEnvelope.write.claimShare(claim)
        assert.equal(await bob.contracts.Token.read.balanceOf([recipient]), share.amount)
      }
      const given = [...some].reduce((sum, index) => sum + shares[index]!.amount, 0n)
      const { left, claimed } = await bob.contracts.RedEnvelope.read.envelope([id])
      assert.equal(left, 1_000_000n - given)
      assert.equal(
        claimed,
        [...some].reduce((bits, index) => bits | (1n << BigInt(index)), 0n),
      )
    })
  }
})

describe('an envelope shared by five', () => {
  it('is created, claimed and refunded, and all of it is sent by somebody else', async () => {
    const { alice, bob, addresses, client, testClient } = chain
    const at = addresses.RedEnvelope
    const secret = crypto.getRandomValues(new Uint8Array(32))
    const shares = sharesOf(shuffled(splitEqually(503n, 5)), secret)
    const terms = { ...(await termsFor(shares, hashes(999))), amount: 510n } // 7 more than the shares
    const id = envelopeId(at, CHAIN_ID, terms)
    const balance = (account: Address) => bob.contracts.Token.read.balanceOf([account])
    const [before, held] = [await balance(alice.address), await balance(at)]

    const consent = await signCreate(alice.account, at, CHAIN_ID, terms, terms.expiry)
    await bob.contracts.RedEnvelope.write.createFor([terms, terms.expiry, consent])
    assert.equal(await balance(alice.address), before - 510n)

    const tree = shareTree(shares)
    for (const index of [3, 0, 4, 1, 2]) {
      const recipient = toHex(0xf00d00 + index, { size: 20 })
      const signature = await signClaim(claimKey(secret, index), at, CHAIN_ID, id, recipient)
      const claim = [terms, shares[index]!, tree.path(index), recipient, signature] as const
      await bob.contracts.RedEnvelope.write.claimShare(claim)
      assert.equal(await balance(recipient), shares[index]!.amount)
      await assert.rejects(bob.contracts.RedEnvelope.simulate.claimShare(claim), (error) =>
        isRevert(error, 'AlreadyClaimed'),
      )
    }
    await assert.rejects(bob.contracts.RedEnvelope.simulate.refund([terms]), (error) =>
      isRevert(error, 'NotExpired'),
    )

    const { timestamp } = await client.getBlock()
    await testClient.increaseTime({ seconds: terms.expiry - Number(timestamp) })
    await testClient.mine({ blocks: 1 })
    await bob.contracts.RedEnvelope.write.refund([terms])
    assert.equal(await balance(alice.address), before - 503n)
    assert.equal(await balance(at), held)
  })
})
