import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { numberToHex } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Account, Client, LightViewError } from '@teahouse/client'
import { nodeClient } from '@teahouse/client/node'
import { memberCalls, type MemberCalls } from '@teahouse/protocol/member'
import {
  loadSnapshot,
  membershipLedger,
  readSnapshot,
  verifyRoots,
  type MembershipRoots,
} from '@teahouse/protocol/rln'
import { PROTOCOLS } from '@teahouse/protocol/wire'
import { falseNode } from '../../support/false-node.ts'
import {
  newLightPeer,
  newMember,
  prepareNode,
  readLedger,
  spawnNode,
  until,
  type LightPeer,
} from '../../support/index.ts'
import { bytes, startNetwork, type TestNetwork } from './network.ts'

const TOPIC = '/teahouse-test/1/light/utf8'
const EPOCH_SECONDS = 12
const SNAPSHOTS = { membership: { snapshotEveryChanges: 1 } }
const WINDOW = { graceSeconds: 600, rootWindowSeconds: 60 }

let net: TestNetwork
let liar: Awaited<ReturnType<typeof falseNode>>
let silent: Awaited<ReturnType<typeof falseNode>>
let alice: { account: Account; dir: string }
const clients: Client[] = []
const peers: LightPeer[] = []

const truthless = (truth: MembershipRoots): MembershipRoots => ({
  ...truth,
  roots: [numberToHex(1n, { size: 32 })],
})

beforeAll(async () => {
  net = await startNetwork({ epochSeconds: EPOCH_SECONDS, nodes: [SNAPSHOTS, SNAPSHOTS, SNAPSHOTS] })
  liar = await falseNode(net.chain, { roots: truthless })
  silent = await falseNode(net.chain, { roots: undefined })
  for (let at = 0; at < 3; at++) await newMember(net.chain, 5)
  alice = await net.person()
  const whole = await net.client(alice)
  await whole.membership.join({ rateLimit: 5 })
  await whole.stop()
}, 180_000)
afterAll(async () => {
  await Promise.all(clients.map((client) => client.stop()))
  await Promise.all(peers.map((peer) => peer.stop()))
  await liar?.stop()
  await silent?.stop()
  await net?.stop()
})

const honest = () => net.nodes.map(({ operatorId }) => operatorId)

async function lightClient(operators?: number[], of = alice): Promise<Client> {
  const light = operators ? { operators } : {}
  const client = await nodeClient({ network: net.network, ...of, light })
  clients.push(client)
  return client
}

async function callsTo(at: number): Promise<MemberCalls> {
  const peer = await newLightPeer(net.network.nodes[at]!.multiaddrs[0]!)
  peers.push(peer)
  const { MembershipRegistry: registry } = net.network.contracts
  return memberCalls((request) => peer.send(PROTOCOLS.member, request), net.nodes[at]!.node, {
    chainId: net.network.chainId,
    registry,
  })
}

describe('a light client', () => {
  it('proves by a path from nodes, under a root that three operators signed', async () => {
    const client = await lightClient(honest())
    expect(await client.membership.status()).toMatchObject({ state: 'active', index: 3, members: 4 })
    const sent = await client.send({ contentTopic: TOPIC, payload: bytes(randomUUID()), node: honest()[0]! })
    expect(sent.messageHash).toMatch(/^0x/)
    await newMember(net.chain, 1) // the root moves on, and so does the client
    await until('the client sees one more', async () => (await client.membership.status()).members === 5)
    const epochMs = EPOCH_SECONDS * 1_000
    await sleep(epochMs - (Date.now() % epochMs) + 100)
    await client.send({ contentTopic: TOPIC, payload: bytes(randomUUID()) })
  })

  it('goes round a node that withholds its answer', async () => {
    const client = await lightClient([silent.operatorId, ...honest()])
    for (let times = 0; times < 4; times++) {
      expect(await client.membership.status()).toMatchObject({ state: 'active' })
    }
  })

  it('joins, sees itself as a member, and leaves', async () => {
    const client = await lightClient(honest(), await net.person())
    expect(await client.membership.status()).toMatchObject({ state: 'none' })
    await client.membership.join({ rateLimit: 2 })
    expect(await client.membership.status()).toMatchObject({ state: 'active', rateLimit: 2 })
    await client.membership.exit()
    await until(
      'the nodes have seen it leave',
      async () => (await client.membership.status()).state === 'exited',
    )
  })
})

describe('when a light client must refuse', () => {
  it('one node signs another root: ROOTS_DISAGREE, with signed evidence, and nothing is proven', async () => {
    const client = await lightClient([liar.operatorId, ...honest().slice(0, 2)])
    const refused = await client
      .send({ contentTopic: TOPIC, payload: bytes('never sent') })
      .then(() => undefined)
      .catch((error: LightViewError) => error)
    expect(refused).toMatchObject({ code: 'ROOTS_DISAGREE' })
    if (refused?.detail.code !== 'ROOTS_DISAGREE') throw new Error('no evidence')
    const { answers } = refused.detail
    expect(new Set(answers.map(({ blockHash }) => blockHash)).size).toBe(1)
    expect(new Set(answers.map(({ roots }) => roots.join())).size).toBe(2)
    for (const answer of answers) await verifyRoots(answer)
    const lie = answers.find(({ roots }) => BigInt(roots[0]!) === 1n)!
    expect(lie.node).toBe(liar.node)
  })

  it('the third of three nodes withholds: TOO_FEW_NODES', async () => {
    const client = await lightClient([silent.operatorId, ...honest().slice(0, 2)])
    await expect(client.membership.status()).rejects.toMatchObject({
      code: 'TOO_FEW_NODES',
      detail: { needed: 3, answered: 2 },
    })
  })
})

describe('/teahouse/member/1 of a node', () => {
  it('gives a snapshot and the changes since, which together make its signed root', async () => {
    const calls = await callsTo(0)
    const snapshot = readSnapshot(await calls.snapshot(1_000_000))
    const { header } = snapshot
    const { state, check } = loadSnapshot(snapshot, { ...header, graceSeconds: 600 })
    expect(check.step(1_000)).toBe(true)
    const ledger = membershipLedger(WINDOW, state)
    await newMember(net.chain, 7)
    const expected = await readLedger(net.chain)
    const page = await until('the node has the newest change', async () => {
      const { ledgerHash, ...rest } = await calls.changes(header.blockNumber)
      return ledgerHash === expected.ledgerHash && { ledgerHash, ...rest }
    })
    for (const { changes, ...block } of page.blocks) for (const change of changes) ledger.apply(change, block)
    expect(ledger.ledgerHash).toBe(page.ledgerHash)
    expect(ledger.root).toBe(expected.root)
    const signed = await calls.roots(page.toHash)
    expect(BigInt(signed.roots[0]!)).toBe(ledger.root)
  })

  it.each([
    {
      given: 'a block that it has not',
      ask: (calls: MemberCalls) => calls.roots(`0x${'77'.repeat(32)}`),
      status: 404,
    },
    { given: 'a bucket of no tree', ask: (calls: MemberCalls) => calls.bucket(2 ** 20), status: 404 },
  ])('refuses $given with $status', async ({ ask, status }) => {
    await expect(ask(await callsTo(1))).rejects.toMatchObject({ code: 'REFUSED', detail: { status } })
  })

  it('refuses bytes that are no question with 400', async () => {
    const peer = await newLightPeer(net.network.nodes[0]!.multiaddrs[0]!)
    peers.push(peer)
    const { MemberResponse } = await import('@teahouse/protocol/wire')
    for (const request of [Uint8Array.of(1, 2, 3), new Uint8Array(0), new Uint8Array(300)]) {
      expect(MemberResponse.decode(await peer.send(PROTOCOLS.member, request))).toMatchObject({
        statusCode: 400,
      })
    }
  })
})

describe('a new node', () => {
  it('starts from the snapshot of another, confirmed by two more, and reads on', async () => {
    const snapshotPeers = net.network.nodes.map(({ multiaddrs }) =>
      multiaddrs.find((one) => !one.includes('/ws'))!,
    )
    const prepared = await prepareNode(net.chain, { config: { membership: { snapshotPeers } } })
    const node = await spawnNode(prepared)
    net.nodes.push(node)
    expect(node.output()).toMatch(/"confirmed":2,"msg":"Took over a snapshot"/)
    const expected = await readLedger(net.chain)
    await until('it has the root', async () => BigInt((await node.info()).chain.root) === expected.root)
    expect(await readdir(join(prepared.folder, 'data', 'snapshots'))).not.toHaveLength(0)

    await newMember(net.chain, 1)
    const root = (await readLedger(net.chain)).root
    await until('it follows', async () => BigInt((await node.info()).chain.root) === root)
    await node.kill()
    const again = await spawnNode(prepared)
    net.nodes.push(again)
    await until('it has it after a restart', async () => BigInt((await again.info()).chain.root) === root)
  })
})
