import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageHash, PROTOCOLS } from '@teahouse/protocol/wire'
import { bytesToHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAccount, type Account } from '../../../client/src/account/account.ts'
import { createChain } from '../../../client/src/chain/chain.ts'
import { evidenceBook } from '../../../client/src/courts/evidence.ts'
import { createMessageReceipts } from '../../../client/src/courts/message-receipts.ts'
import type { NodeRecord } from '../../../client/src/net/directory.ts'
import { sealedStore } from '../../../client/src/storage/sealed-store.ts'
import { memoryStore, type KeyValueStore } from '../../../client/src/storage/store.ts'
import { ask, SILENT, testHost } from '../../../nodes/src/net/test-hosts.ts'
import type { Net, Service } from '../../../nodes/src/net/index.ts'
import { RootsConfig } from '../../../nodes/src/roots/config.ts'
import { rootDesk } from '../../../nodes/src/roots/desk.ts'
import { promiseBook } from '../../../nodes/src/roots/promises.ts'
import { messageReceipts } from '../../../nodes/src/roots/receipts.ts'
import { scheduleRoots } from '../../../nodes/src/roots/schedule.ts'
import { rootService } from '../../../nodes/src/roots/service.ts'
import { keep, openBookIn, SHARD } from '../../../nodes/src/roots/testing/roots.ts'
import { END as END_OF_TIME, message, testArchive, TOPIC } from '../../../nodes/src/store/testing/archives.ts'
import {
  CLUSTER_ID,
  fund,
  mined,
  newWallet,
  SHARDS,
  startChain,
  TEA,
  until,
  type TestChain,
  type TestWallet,
} from '../../support/index.ts'

const LIABILITY = 1_000n
const GRACE = 60

let chain: TestChain
let hour: bigint
let now: number
let wire: { server: Net; client: Net }
const stops: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  chain = await startChain()
  const { timestamp } = await chain.client.getBlock()
  hour = timestamp / 3_600n + 1n
  now = Number(timestamp)
  wire = { server: await testHost(), client: await testHost([]) }
  for (const host of Object.values(wire)) {
    await host.start()
    stops.push(async () => host.stop())
  }
})
afterAll(async () => {
  for (const stop of stops.reverse()) await stop()
  await chain?.stop()
})

/** Both clocks, the node's and the chain's. */
async function passTo(seconds: number): Promise<void> {
  await chain.control.setNextBlockTimestamp({ timestamp: BigInt(seconds) })
  await chain.control.mine({ blocks: 1 })
  now = seconds
}

/** An operator with stake, and what of its node keeps messages and speaks of them, on the wire. */
async function operator() {
  const owner: TestWallet = await newWallet(chain, 10n * TEA)
  const { OperatorStaking, Token } = owner.at
  const { address } = owner.account
  await mined(chain, Token.write.approve([chain.contracts.OperatorStaking, TEA]))
  await mined(chain, OperatorStaking.write.createOperator([address, address, address]))
  const id = await OperatorStaking.read.operatorCount()
  await mined(chain, OperatorStaking.write.setAdjudicator([id, 1, chain.contracts.ArchiveCourt, true]))
  await mined(chain, OperatorStaking.write.stake([id, 1, TEA]))
  const court = chain.contracts.ArchiveCourt
  const speaker = { chainId: chain.chainId, court, node: address, cluster: CLUSTER_ID }
  const folder = await mkdtemp(join(tmpdir(), 'teahouse-omission-'))
  const archive = await testArchive(undefined, folder)
  const { db, book } = openBookIn(folder, speaker)
  const promises = promiseBook(db)
  const config = RootsConfig.parse({ graceSeconds: GRACE, everyMs: 10 })
  const deps = { archive, book, promises, speaker, operator: id, folder, log: SILENT }
  const schedule = scheduleRoots(config, {
    ...{ ...deps, topics: [TOPIC], now: () => now * 1_000, chainTime: () => now },
  })
  await schedule.start()
  const { account } = owner
  const { isOpen } = schedule
  const receipts = messageReceipts({ ...deps, isOpen, liability: LIABILITY, account })
  const service: Service = rootService(config, {
    ...{ net: wire.server, desk: rootDesk({ book, speaker, account }), receipts, log: SILENT },
    charge: async () => ({ ok: true }),
  })
  await service.start()
  const stop = async () => {
    await service.stop()
    await schedule.stop()
    db.close()
    await archive.destroy()
  }
  const staked = async () => (await OperatorStaking.read.provision([id, 1])).tokens
  const isSaid = async () => (await book.find(SHARD, hour)) !== undefined
  return { id, node: address, archive, db, staked, isSaid, stop }
}

/** What a client has of the courts; another one over the same storage is what a restart finds. */
function courtsOf(account: Account, node: { id: number; node: `0x${string}` }, storage: KeyValueStore) {
  const { rpcUrl, chainId, contracts } = chain
  const network = { rpcUrl, chainId, contracts, clusterId: CLUSTER_ID, shards: SHARDS, nodes: [] }
  const deps = {
    chain: createChain(network, account.eth),
    account,
    nodeOf: async () => ({ operatorId: node.id, node: node.node }) as NodeRecord,
    ask: (_operator: number, request: Uint8Array) => ask(wire.client, wire.server, PROTOCOLS.root, request),
  }
  const evidence = evidenceBook({ ...deps, storage, scope: 'test' })
  const store = sealedStore(storage, { key: account.storageKey, scope: 'test' })
  return {
    evidence,
    messages: createMessageReceipts({ ...deps, store, evidence, pay: async () => undefined }),
  }
}

async function person(): Promise<Account> {
  const account = createAccount()
  await fund(chain, account.address, TEA)
  return account
}

const NS = 1_000_000_000n
const written = (text: string) =>
  message({ payload: new TextEncoder().encode(text), timestamp: (hour * 3_600n + 1_800n) * NS })
const wanted = (node: { id: number }, one: ReturnType<typeof written>) => ({
  operator: node.id,
  shard: SHARD,
  messageHash: bytesToHex(messageHash(TOPIC, one)),
  timestamp: one.timestamp!,
})

describe('a node that gave a receipt for a message', () => {
  it('and drops it, is convicted of omission, by whom the receipt was handed to', async () => {
    const node = await operator()
    stops.push(node.stop)
    const [alice, bob] = [await person(), await person()]
    const [aliceStorage, bobStorage] = [memoryStore(), memoryStore()]
    const hers = courtsOf(alice, node, aliceStorage)
    const [dropped, kept] = [written('dropped'), written('kept')]
    await keep(node.archive, [dropped, kept])
    const receipt = await hers.messages.request(wanted(node, dropped))
    const other = await hers.messages.request(wanted(node, kept))
    const text = await hers.messages.export(receipt.id)
    expect(await hers.messages.checkAll()).toEqual(
      expect.arrayContaining([{ id: receipt.id, verdict: 'early' }]),
    )

    // The node forgets that it promised, and that there was a message.
    node.db.prepare('DELETE FROM promises WHERE hash = ?').run(messageHash(TOPIC, dropped))
    await node.archive.prune({ before: END_OF_TIME }, 1_000)
    await passTo(Number(hour + 1n) * 3_600 + GRACE)
    await until('the root is said', node.isSaid)

    const his = courtsOf(bob, node, bobStorage)
    await his.messages.import(text)
    expect(await his.messages.checkAll()).toMatchObject([{ id: receipt.id, verdict: 'omitted' }])
    const found = await courtsOf(bob, node, bobStorage).evidence.list()
    expect(found).toMatchObject([{ fault: 'omission', receipt: { operator: node.id, liability: LIABILITY } }])

    const staked = await node.staked()
    const balance = () => chain.at.Token.read.balanceOf([alice.address])
    const before = await balance()
    await his.evidence.submit(found[0]!.id)
    expect(await node.staked()).toBe(staked - LIABILITY)
    expect(await balance()).toBeGreaterThan(before) // the reward is the receipt's client's
    await expect(his.evidence.submit(found[0]!.id)).rejects.toThrow()

    // What was kept convicts nobody, and its receipt is done with.
    const verdicts = await hers.messages.checkAll()
    expect(verdicts).toContainEqual({ id: other.id, verdict: 'kept' })
    expect(await hers.messages.list()).toEqual([])
    expect(await hers.evidence.list()).toHaveLength(1)
  })
})

describe('what is worth nothing', () => {
  it('is refused: a receipt of a node without stake, a text that was changed, one for another hour', async () => {
    const key = privateKeyToAccount(`0x${'77'.repeat(32)}`)
    const account = await person()
    const { messages } = courtsOf(account, { id: 999, node: key.address }, memoryStore())
    await expect(messages.import('{}')).rejects.toMatchObject({ code: 'NOT_A_RECEIPT' })
    const late = wanted({ id: 999 }, { ...written('late'), timestamp: hour * 3_600n * NS })
    await expect(messages.request(late)).rejects.toMatchObject({ code: 'REFUSED' })
  })
})
