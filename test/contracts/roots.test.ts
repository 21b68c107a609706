import assert from 'node:assert/strict'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { bytesToHex, type Hex, hexToBytes, keccak256, toHex } from 'viem'
import type { Speaker } from '../../nodes/src/roots/book.ts'
import { rootDesk } from '../../nodes/src/roots/desk.ts'
import { sealHour } from '../../nodes/src/roots/seal-hour.ts'
import { hashesOf, keep, messagesOf, openBookIn } from '../../nodes/src/roots/testing/roots.ts'
import { testArchive, TOPIC } from '../../nodes/src/store/testing/archives.ts'
import { isRevert } from '../../protocol/src/chain/index.ts'
import { signMessageReceipt } from '../../protocol/src/receipts/index.ts'
import { simulatedNetwork } from './support/simulated.ts'

const CHAIN_ID = 31337
const CLUSTER = 1984
const SHARD = 3
const LIABILITY = 700n
const missing = (at: number): Hex => keccak256(toHex(`missing ${at}`))

describe('the roots of a node, before the court', () => {
  let chain: Awaited<ReturnType<typeof simulatedNetwork>>
  let operator: number
  let hour: bigint
  const stops: (() => Promise<void>)[] = []
  let honest: Awaited<ReturnType<typeof newNode>>

  before(async () => {
    chain = await simulatedNetwork()
    const { alice, addresses, testClient, client } = chain
    const { OperatorStaking } = alice.contracts
    await OperatorStaking.write.createOperator([alice.address, alice.address, alice.address])
    operator = await OperatorStaking.read.operatorCount()
    await OperatorStaking.write.setAdjudicator([operator, 1, addresses.ArchiveCourt, true])
    await OperatorStaking.write.stake([operator, 1, 100_000n])
    hour = (await client.getBlock()).timestamp / 3_600n + 1n
    await testClient.setNextBlockTimestamp({ timestamp: (hour + 1n) * 3_600n })
    await testClient.mine({ blocks: 1 })
  })
  after(async () => {
    for (const stop of stops) await stop()
    await chain.connection.close()
  })

  /** The archive, the book and the desk of a node with alice's key; one that has lost its book speaks as if it were the first time. */
  async function newNode() {
    const { account } = chain.alice
    const court = chain.addresses.ArchiveCourt
    const speaker: Speaker = { chainId: CHAIN_ID, court, node: account.address, cluster: CLUSTER }
    const folder = await mkdtemp(join(tmpdir(), 'teahouse-court-'))
    const archive = await testArchive(undefined, folder)
    const { db, book } = openBookIn(folder, speaker)
    const { signal } = new AbortController()
    const deps = { archive, book, speaker, operator, liability: LIABILITY, folder, signal }
    const desk = rootDesk({ book, speaker, account })
    stops.push(async () => {
      db.close()
      await archive.destroy()
    })
    return {
      archive,
      seal: (of: bigint) => sealHour({ pubsubTopic: TOPIC, shard: SHARD, hour: of }, deps),
      answer: (of: bigint, hash?: Hex) => desk.answer(SHARD, of, hash && hexToBytes(hash)),
    }
  }

  async function receiptFor(messageHash: Hex) {
    const where = { operator, cluster: CLUSTER, shard: SHARD, hour, liability: LIABILITY }
    const receipt = { ...where, client: chain.bob.address, messageHash }
    const court = chain.addresses.ArchiveCourt
    return { receipt, signature: await signMessageReceipt(chain.alice.account, court, CHAIN_ID, receipt) }
  }
  const staked = async () =>
    (await chain.alice.contracts.OperatorStaking.read.provision([operator, 1])).tokens

  it('are those that the court computes with, whatever is in the archive', async () => {
    const { ArchiveCourt } = chain.bob.contracts
    const node = await newNode()
    let of = hour + 1_000n
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(0, 1, 2, 3, 511, 512, 513, 700), fc.nat(), async (count, at) => {
        of += 1n
        const messages = messagesOf(count, of, at % 1_000_000)
        await keep(node.archive, messages)
        const { root, count: said } = await node.seal(of)
        assert.equal(said, count)
        const absent = missing(at)
        const { absence, presence } = await node.answer(of, absent)
        assert.equal(presence, undefined)
        assert.ok(await ArchiveCourt.read.isAbsent([root, count, absent, absence!]))
        const there = hashesOf(messages)[at % Math.max(1, count)]
        if (there === undefined) return
        // The hash one above is missing, and its proof shows the one that is there on its left: the court knows its path.
        const above = bytesToHex(hexToBytes(toHex(BigInt(there) + 1n, { size: 32 })))
        const here = (await node.answer(of, there)).presence!
        const beside = (await node.answer(of, above)).absence!
        assert.deepEqual(beside.leftPath, here.path)
        assert.ok(await ArchiveCourt.read.isAbsent([root, count, above, beside]))
        for (const proof of [absence!, beside])
          assert.ok(!(await ArchiveCourt.read.isAbsent([root, count, there, proof])))
      }),
      { numRuns: 10 },
    )
  })

  it('convict nobody who says one thing, and no message that is there can be shown to be missing', async () => {
    const node = (honest = await newNode())
    const { ArchiveCourt } = chain.bob.contracts
    const messages = messagesOf(30, hour)
    await keep(node.archive, messages)
    await node.seal(hour)
    const before = await node.answer(hour)
    await keep(node.archive, messagesOf(40, hour, 500))
    await node.seal(hour)
    const { signature, ...root } = before.root
    const { signature: again, ...later } = (await node.answer(hour)).root
    await assert.rejects(
      ArchiveCourt.simulate.convictEquivocation([root, signature, later, again, chain.bob.address]),
      (error) => isRevert(error, 'NotEquivocation'),
    )
    const { receipt, signature: given } = await receiptFor(hashesOf(messages)[7]!)
    assert.ok((await node.answer(hour, receipt.messageHash)).presence)
    for (const at of [1, 2, 3]) {
      const absence = (await node.answer(hour, missing(at))).absence!
      await assert.rejects(
        ArchiveCourt.simulate.convictOmission([receipt, given, root, signature, absence]),
        (error) => isRevert(error, 'NotAbsent'),
      )
    }
  })

  it('convict who gave a receipt for a message that is not there: with the proof that the node itself gives', async () => {
    const { signature, ...root } = (await honest.answer(hour)).root
    const { receipt, signature: given } = await receiptFor(missing(5))
    const { absence } = await honest.answer(hour, receipt.messageHash)
    const before = await staked()
    await chain.bob.contracts.ArchiveCourt.write.convictOmission([receipt, given, root, signature, absence!])
    assert.equal(await staked(), before - LIABILITY)
  })

  it('convict a node that lost its book and said another thing of the hour', async () => {
    const forgetful = await newNode()
    await keep(forgetful.archive, messagesOf(29, hour))
    await forgetful.seal(hour)
    const { signature, ...root } = (await honest.answer(hour)).root
    const { signature: other, ...second } = (await forgetful.answer(hour)).root
    const before = await staked()
    const { address } = chain.bob
    await chain.bob.contracts.ArchiveCourt.write.convictEquivocation([
      root,
      signature,
      second,
      other,
      address,
    ])
    assert.equal(await staked(), before - LIABILITY)
  })
})
