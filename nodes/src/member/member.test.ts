import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { numberToHex, type Hex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { memberCalls, type MemberCalls } from '@teahouse/protocol/member'
import { cutBucket, loadSnapshot, membershipLedger, openBucket, readSnapshot } from '@teahouse/protocol/rln'
import { MemberRequest, MemberResponse, PROTOCOLS } from '@teahouse/protocol/wire'
import { changeStore, MEMBERSHIP_MIGRATIONS } from '../membership/change-store.ts'
import { followMembership, type Follower } from '../membership/follower.ts'
import { snapshotFiles } from '../membership/snapshot-files.ts'
import { snapshotKeeper } from '../membership/snapshot-keeper.ts'
import { FakeChain } from '../membership/test-chain.ts'
import type { ChargeResult, Net, Service } from '../net/index.ts'
import { ask, SILENT, testHost } from '../net/test-hosts.ts'
import { openDatabase } from '../storage/index.ts'
import { member } from './member.ts'

const network = { chainId: 31337, registry: numberToHex(9, { size: 20 }), depth: 20 }
const WINDOW = { graceSeconds: 100_000, rootWindowSeconds: 60, keepRecords: true }
const account = privateKeyToAccount(generatePrivateKey())

let server: Net
let client: Net
let service: Service
let chain: FakeChain
let follower: Follower
let calls: MemberCalls
let paid: ChargeResult
let charged: unknown[]

const exchange = (bytes: Uint8Array) => ask(client, server, PROTOCOLS.member, bytes)

beforeAll(async () => {
  chain = new FakeChain()
  for (let block = 0; block < 10; block++) chain.mine('a', block % 3 ? [BigInt(100 + block)] : [])
  const store = changeStore(openDatabase(':memory:', MEMBERSHIP_MIGRATIONS))
  const files = snapshotFiles(mkdtempSync(join(tmpdir(), 'teahouse-member-')), SILENT)
  const common = { store, log: SILENT }
  const newLedger: Parameters<typeof snapshotKeeper>[0]['newLedger'] = (start) =>
    membershipLedger(WINDOW, start)
  const snapshots = snapshotKeeper({
    ...common,
    ...WINDOW,
    files,
    network,
    everyChanges: 1,
    newLedger,
    now: () => 0,
  })
  const range = { fromBlock: 0n, blockRange: 100n, tailBlocks: 100n }
  follower = followMembership({ ...common, ...range, source: chain, emptyLedger: newLedger, snapshots })
  await follower.sync(chain.head)

  server = await testHost()
  client = await testHost([])
  await Promise.all([server.start(), client.start()])
  const charge = (...args: unknown[]) => {
    charged.push(args)
    return Promise.resolve(paid)
  }
  const deps = { net: server, account, ...network, follower, store, files, charge, log: SILENT }
  service = member({ chunkBytes: 1_024 })(deps)
  await service.start()
  calls = memberCalls(exchange, account.address, network)
})
afterAll(async () => {
  await service.stop()
  await Promise.all([server.stop(), client.stop()])
})
beforeEach(() => {
  paid = { ok: true }
  charged = []
})

const block = (number: number): Hex => chain.blocks[number]!.hash

describe('/teahouse/member/1', () => {
  it('signs the roots after the newest block, and after those before it', async () => {
    const newest = await calls.roots()
    expect(newest).toMatchObject({ blockHash: block(9), memberCount: 6, ledgerHash: chain.hashAt(9) })
    expect(BigInt(newest.roots[0]!)).toBe(follower.ledger.root)
    expect(await calls.roots(block(9))).toEqual(newest)
    expect(await calls.roots(block(4))).toMatchObject({ memberCount: 3, ledgerHash: chain.hashAt(4) })
  })

  it('gives a bucket that hashes up to its root', async () => {
    const { bucket, blockHash } = await calls.bucket(0)
    expect(blockHash).toBe(block(9))
    expect(openBucket(bucket).root).toBe(follower.ledger.root)
    expect(bucket).toEqual(cutBucket(follower.ledger.state()!.trees[0]!, 0))
    expect(openBucket((await calls.bucket(200)).bucket).root).toBe(follower.ledger.root)
  })

  it('gives its snapshot in chunks', async () => {
    const snapshot = readSnapshot(await calls.snapshot(100_000))
    const { state, check } = loadSnapshot(snapshot, { ...snapshot.header, graceSeconds: WINDOW.graceSeconds })
    expect(check.step(1_000)).toBe(true)
    expect(membershipLedger(WINDOW, state).root).toBe(follower.ledger.root)
    expect(charged.length).toBeGreaterThan(1)
  })

  it('gives the changes after a block, which continue the ledger', async () => {
    const page = await calls.changes(3n)
    expect(page).toMatchObject({ toBlock: 9n, toHash: block(9), ledgerHash: chain.hashAt(9) })
    const ledger = membershipLedger(WINDOW)
    for (const { changes, ...at } of (await calls.changes(0n)).blocks)
      for (const change of changes) ledger.apply(change, at)
    expect(ledger.root).toBe(follower.ledger.root)
    expect(await calls.changes(9n)).toMatchObject({ blocks: [], toBlock: 9n })
  })

  it('charges every question', async () => {
    await calls.bucket(0)
    expect(charged).toEqual([[client.peerId.toString(), 'member', 1]])
  })
})

describe('when it must refuse', () => {
  const hash = new Uint8Array(32)
  it.each<{ given: string; question: Partial<MemberRequest>; status: number }>([
    { given: 'no question', question: {}, status: 400 },
    { given: 'two questions', question: { roots: {}, bucket: { number: 0 } }, status: 400 },
    { given: 'half a block hash', question: { roots: { blockHash: new Uint8Array(16) } }, status: 400 },
    { given: 'a block that it does not know', question: { roots: { blockHash: hash } }, status: 404 },
    { given: 'another snapshot', question: { snapshot: { blockHash: hash, offset: 0n } }, status: 404 },
    { given: 'an offset behind the end', question: { snapshot: { offset: 2n ** 63n } }, status: 400 },
    { given: 'a bucket of a tree that is not there', question: { bucket: { number: 256 } }, status: 404 },
    { given: 'the greatest bucket', question: { bucket: { number: 2 ** 32 - 1 } }, status: 404 },
  ])('$given: $status', async ({ question, status }) => {
    const answer = MemberResponse.decode(
      await exchange(MemberRequest.encode({ requestId: 'q', ...question })),
    )
    expect(answer).toMatchObject({ statusCode: status, requestId: 'q' })
  })

  it('who has neither paid nor free requests left: 429', async () => {
    paid = { ok: false, description: 'see offer 0x12' }
    await expect(calls.roots()).rejects.toMatchObject({
      detail: { status: 429, description: /see offer 0x12/ },
    })
  })

  it('answers any bytes with a status', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect([200, 400, 404]).toContain(MemberResponse.decode(await exchange(bytes)).statusCode)
      }),
      { numRuns: 60 },
    )
  })

  it('while it does not know all members: 503', async () => {
    const { state } = follower
    Object.defineProperty(follower, 'state', { value: 'behind', configurable: true })
    await expect(calls.roots()).rejects.toMatchObject({ detail: { status: 503 } })
    Object.defineProperty(follower, 'state', { value: state, configurable: true })
  })
})
