import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { encodeFunctionData, type Hex, zeroHash } from 'viem'
import { isRevert } from '../../protocol/src/chain/index.ts'
import {
  type Absence,
  archiveRootDigest,
  archiveTree,
  challengeTypedData,
  contentTree,
  isAbsent,
  isLeaf,
  isPledgedTwice,
  type LeafProof,
  messageReceiptDigest,
  noticeTypedData,
  receiptDigest,
  receiptId,
  signArchiveRoot,
  signMessageReceipt,
  signReceipt,
  type StorageReceipt,
} from '../../protocol/src/receipts/index.ts'
import { simulatedNetwork } from './support/simulated.ts'

const CHAIN_ID = 31337
const STAKE = 100_000_000n

const bits = (n: number) => fc.bigInt(0n, 2n ** BigInt(n) - 1n)
const number = (n: number) => bits(n).map(Number)
const bytes = (n: number) =>
  fc.uint8Array({ minLength: n, maxLength: n }).map((b): Hex => `0x${Buffer.from(b).toString('hex')}`)
const anyReceipt = fc.record<StorageReceipt>({
  operator: number(32),
  client: bytes(20),
  root: bytes(32),
  size: bits(64),
  from: number(40),
  until: number(40),
  liability: bits(128),
  slot: number(32),
})
const anyHour = { operator: number(32), cluster: number(16), shard: number(16), hour: bits(64) }
const anyRoot = fc.record({ ...anyHour, count: number(32), root: bytes(32), liability: bits(128) })
const anyMessage = fc.record({ ...anyHour, client: bytes(20), messageHash: bytes(32), liability: bits(128) })

/** 1, and what lies around one leaf and around powers of two of leaves. */
const SIZES = [
  1,
  255,
  256,
  257,
  ...[2, 4, 8, 16, 32].flatMap((k) => [k - 1, k, k + 1].map((n) => n * 256 - 3)),
]

function content(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8) * 7) & 255)
}

describe('receipts and archive roots, in TypeScript and on chain', () => {
  let chain: Awaited<ReturnType<typeof simulatedNetwork>>
  let operator: number
  before(async () => {
    chain = await simulatedNetwork()
    const { alice, addresses } = chain
    const { OperatorStaking } = alice.contracts
    await OperatorStaking.write.createOperator([alice.address, alice.address, alice.address])
    operator = await OperatorStaking.read.operatorCount()
    await OperatorStaking.write.setAdjudicator([operator, 1, addresses.RetrievalCourt, true])
    await OperatorStaking.write.setAdjudicator([operator, 1, addresses.ArchiveCourt, true])
    await OperatorStaking.write.stake([operator, 1, STAKE])
  })
  after(() => chain.connection.close())

  const now = async () => Number((await chain.client.getBlock()).timestamp)
  const receiptNow = async (data: Uint8Array, slot = 0): Promise<StorageReceipt> => {
    const { root, size } = contentTree(data)
    const from = await now()
    return {
      operator,
      client: chain.bob.address,
      root,
      size,
      from,
      until: from + 200,
      liability: 1_000n,
      slot,
    }
  }

  it('have the same names and digests', async () => {
    const { RetrievalCourt, ArchiveCourt } = chain.alice.contracts
    await fc.assert(
      fc.asyncProperty(anyReceipt, anyRoot, anyMessage, async (receipt, root, message) => {
        assert.equal(receiptId(receipt), await RetrievalCourt.read.receiptId([receipt]))
        const digest = receiptDigest(RetrievalCourt.address, CHAIN_ID, receipt)
        assert.equal(digest, await RetrievalCourt.read.receiptDigest([receipt]))
        const ofRoot = archiveRootDigest(ArchiveCourt.address, CHAIN_ID, root)
        assert.equal(ofRoot, await ArchiveCourt.read.rootDigest([root]))
        const ofMessage = messageReceiptDigest(ArchiveCourt.address, CHAIN_ID, message)
        assert.equal(ofMessage, await ArchiveCourt.read.messageReceiptDigest([message]))
      }),
      { numRuns: 30 },
    )
  })

  it('have the same leaves and paths, whatever the size', async () => {
    const { RetrievalCourt } = chain.alice.contracts
    const agree = async (size: number, at: number) => {
      const tree = contentTree(content(size))
      const count = Math.ceil(size / 256)
      const index = at % count
      const proof = tree.answer(index)
      const cases: { index: number; proof: LeafProof }[] = [
        { index, proof },
        { index: (index + 1) % (count + 1), proof },
        { index, proof: { ...proof, path: [...proof.path, zeroHash] } },
        { index, proof: { ...proof, path: proof.path.slice(1) } },
        { index, proof: { ...proof, leaf: `${proof.leaf}00` } },
        { index, proof: { ...proof, leaf: `0x${'5a'.repeat(256)}` } },
      ]
      for (const [i, { index: claimed, proof: shown }] of cases.entries()) {
        const here = isLeaf(tree.root, tree.size, claimed, shown)
        const args = [tree.root, tree.size, BigInt(claimed), shown.leaf, shown.path] as const
        assert.equal(await RetrievalCourt.read.isLeaf(args), here, `case ${i} of ${size} bytes`)
        if (i === 0) assert.ok(here, 'the right leaf is one')
        if (i === 4) assert.ok(!here, 'a leaf with a byte more is none')
      }
    }
    for (const size of SIZES) await agree(size, size)
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 20_000 }), fc.nat(), agree), { numRuns: 25 })
  })

  it('show the same hashes to be missing, however many there are', async () => {
    const { ArchiveCourt } = chain.alice.contracts
    const hashes = fc.uniqueArray(bytes(32), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(hashes, bytes(32), fc.nat(), async (present, missing, at) => {
        const tree = archiveTree(present)
        const absence = tree.absenceOf(missing)
        const args = [tree.root, tree.count, missing, absence] as const
        assert.ok(isAbsent(...args))
        assert.ok(await ArchiveCourt.read.isAbsent(args))
        const there = tree.hashes[at % Math.max(tree.count, 1)] ?? missing
        const wrong: (readonly [Hex, number, Hex, Absence])[] = [
          [tree.root, tree.count, there, absence],
          [tree.root, tree.count + 1, missing, absence],
          [tree.root, tree.count, missing, { ...absence, index: (absence.index + 1) % (tree.count + 2) }],
          [missing, tree.count, missing, absence],
        ]
        for (const claim of wrong) assert.equal(await ArchiveCourt.read.isAbsent(claim), isAbsent(...claim))
      }),
      { numRuns: 30 },
    )
  })

  it('are challenged, answered and paid with what TypeScript computes', async () => {
    const { alice, bob, client, testClient } = chain
    const { RetrievalCourt } = bob.contracts
    const data = content(5_000)
    const receipt = await receiptNow(data)
    const signature = await signReceipt(alice.account, RetrievalCourt.address, CHAIN_ID, receipt)
    assert.ok(await RetrievalCourt.read.isCovered([receipt]))
    await RetrievalCourt.write.challenge([receipt, signature], { value: 10n ** 18n })
    await testClient.mine({ blocks: 3 })
    await RetrievalCourt.write.draw([receipt])
    const { index } = await RetrievalCourt.read.caseOf([receiptId(receipt)])
    const { leaf, path } = contentTree(data).answer(Number(index))
    const before = await client.getBalance({ address: alice.address })
    await RetrievalCourt.write.answer([receipt, leaf, path]) // sent by bob, paid to alice
    assert.equal(await client.getBalance({ address: alice.address }), before + 10n ** 18n)
  })

  it('need a bond of three answers at the base fee, each its own', async () => {
    const { alice, bob, testClient } = chain
    const { RetrievalCourt } = bob.contracts
    const receipt = await receiptNow(content(5_000), 1)
    const signature = await signReceipt(alice.account, RetrievalCourt.address, CHAIN_ID, receipt)
    const baseFeePerGas = 3_000_000_000n
    const needed = 3n * (80_000n + 5n * 1_200n) * baseFeePerGas // 20 leaves, 5 levels
    const fees = { gas: 500_000n, maxFeePerGas: 2n * baseFeePerGas, maxPriorityFeePerGas: 1n }
    const send = async (value: bigint) => {
      await testClient.setNextBlockBaseFeePerGas({ baseFeePerGas })
      return RetrievalCourt.write.challenge([receipt, signature], { value, ...fees })
    }
    await assert.rejects(send(needed - 1n), (error) => isRevert(error, 'BondTooLow'))
    const call = encodeFunctionData({
      abi: RetrievalCourt.abi,
      functionName: 'challenge',
      args: [receipt, signature],
    })
    await assert.rejects(RetrievalCourt.write.multicall([[call]], fees), (error) =>
      isRevert(error, 'BondTooLow'),
    )
    await send(needed)
    const { bond } = await RetrievalCourt.read.caseOf([receiptId(receipt)])
    assert.equal(bond, needed)
    await testClient.setNextBlockBaseFeePerGas({ baseFeePerGas: 1_000_000_000n })
    await testClient.mine({ blocks: 1 })
  })

  it('are challenged and ended by what others send for their signers', async () => {
    const { alice, bob } = chain
    const { RetrievalCourt } = alice.contracts
    const receipt = await receiptNow(content(100), 2)
    const court = RetrievalCourt.address
    const signature = await signReceipt(alice.account, court, CHAIN_ID, receipt)
    const deadline = receipt.from + 100
    const consent = await bob.account.signTypedData(
      challengeTypedData(court, CHAIN_ID, receipt, { number: 0, deadline }),
    )
    await RetrievalCourt.write.challengeFor([receipt, signature, deadline, consent], { value: 10n ** 18n })
    const notice = await alice.account.signTypedData(noticeTypedData(court, CHAIN_ID, receipt, deadline))
    await bob.contracts.RetrievalCourt.write.giveNoticeFor([receipt, alice.address, deadline, notice])
    const { payer, endsAt } = await RetrievalCourt.read.caseOf([receiptId(receipt)])
    assert.equal(payer, alice.address)
    assert.ok(endsAt > receipt.from && endsAt < receipt.until)
  })

  it('are pledged twice for both or for neither', async () => {
    const { alice } = chain
    const { RetrievalCourt } = alice.contracts
    const base = await receiptNow(content(10))
    const change = fc.record({
      slot: fc.integer({ min: 8, max: 12 }),
      liability: fc.bigInt(1n, 20n),
      size: fc.bigInt(1n, 3n),
    })
    const court = RetrievalCourt.address
    await fc.assert(
      fc.asyncProperty(change, change, async (one, other) => {
        const [a, b] = [
          { ...base, ...one },
          { ...base, ...other },
        ]
        const signed = (r: StorageReceipt) => signReceipt(alice.account, court, CHAIN_ID, r)
        const accepted = await RetrievalCourt.simulate
          .convictPledgedTwice([a, await signed(a), b, await signed(b), alice.address])
          .then(
            () => true,
            (error: unknown) => {
              assert.ok(isRevert(error, 'NotPledgedTwice'), String(error))
              return false
            },
          )
        assert.equal(isPledgedTwice(a, b), accepted)
      }),
      { numRuns: 30 },
    )
  })

  it('convict of equivocation and omission with what TypeScript computes', async () => {
    const { alice, bob, testClient } = chain
    const { ArchiveCourt } = bob.contracts
    const court = ArchiveCourt.address
    const hour = BigInt(Math.floor((await now()) / 3_600) + 1)
    await testClient.setNextBlockTimestamp({ timestamp: (hour + 1n) * 3_600n })
    await testClient.mine({ blocks: 1 })
    const [kept, lost] = [receiptId(await receiptNow(content(1))), receiptId(await receiptNow(content(2)))]
    const where = { operator, cluster: 1984, shard: 1, hour, liability: 700n }
    const tree = archiveTree([kept])
    const root = { ...where, count: tree.count, root: tree.root }
    const other = { ...where, count: 0, root: zeroHash }
    const message = { ...where, client: bob.address, messageHash: lost }
    const rootSignature = await signArchiveRoot(alice.account, court, CHAIN_ID, root)
    const otherSignature = await signArchiveRoot(alice.account, court, CHAIN_ID, other)
    const messageSignature = await signMessageReceipt(alice.account, court, CHAIN_ID, message)
    const staked = async () => (await alice.contracts.OperatorStaking.read.provision([operator, 1])).tokens
    const before = await staked()
    await ArchiveCourt.write.convictOmission([
      message,
      messageSignature,
      root,
      rootSignature,
      tree.absenceOf(lost),
    ])
    await ArchiveCourt.write.convictEquivocation([root, rootSignature, other, otherSignature, bob.address])
    assert.equal(await staked(), before - 1_400n)
  })
})
