import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { decodeBlobAnswer, encodeBlobRequest } from '@teahouse/protocol/blob'
import { challengeBond, contentTree, receiptId, type StorageReceipt } from '@teahouse/protocol/receipts'
import { PROTOCOLS } from '@teahouse/protocol/wire'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Account, Client, KeptReceipt } from '@teahouse/client'
import {
  fund,
  mined,
  newLightPeer,
  newWallet,
  spawnNode,
  TEA,
  until,
  type LightPeer,
} from '../../support/index.ts'
import { startNetwork, type TestNetwork } from '../client/network.ts'

const STORE_SERVICE = 1
const LIABILITY = TEA / 100n
const STAKE = 20n * TEA
const TERM = 180
const BUSY = 12

let net: TestNetwork
let alice: Client
let peer: LightPeer
let held: Kept[]

interface Kept extends KeptReceipt {
  readonly id: `0x${string}`
  readonly content: Uint8Array
}

beforeAll(async () => {
  net = await startNetwork({ nodes: [{ courts: { liability: `${LIABILITY}` } }] })
  await stake()
  alice = await net.client(await net.person())
  peer = await newLightPeer((await net.nodes[0]!.info()).multiaddrs[0]!)
  held = [await put()]
  while (held.length < BUSY) held.push(await put())
})
afterAll(async () => {
  await peer?.stop()
  await net?.stop()
})

/** The operator stakes for promises, and accepts the court. */
async function stake(): Promise<void> {
  const { keys, operatorId } = net.nodes[0]!
  const { OperatorStaking: staking, RetrievalCourt } = net.chain.contracts
  const owner = await newWallet(net.chain, STAKE, keys.owner)
  await mined(net.chain, owner.at.Token.write.approve([staking, STAKE]))
  await mined(
    net.chain,
    owner.at.OperatorStaking.write.setAdjudicator([operatorId, STORE_SERVICE, RetrievalCourt, true]),
  )
  await mined(net.chain, owner.at.OperatorStaking.write.stake([operatorId, STORE_SERVICE, STAKE]))
}

/** A blob at the node, and the receipt that Alice keeps. A new node gives none before its next period. */
async function put(): Promise<Kept> {
  const content = new Uint8Array(randomBytes(5_000))
  const { root, size } = contentTree(content)
  const { timestamp } = await net.chain.client.getBlock()
  const end = Number(timestamp) + TERM
  const request = encodeBlobRequest({ ask: 'put', data: content, until: end, client: alice.account.address })
  const signed = await until('the node gives a receipt', async () => {
    const answer = decodeBlobAnswer(await ask(request))
    return answer.receipt
  })
  return { ...(await alice.courts.keep(signed, { root, size })), content }
}

const ask = (request: Uint8Array) => peer.send(PROTOCOLS.blob, request)
const stageOf = async ({ receipt }: { receipt: StorageReceipt }) => (await alice.courts.state(receipt)).stage
const staked = async () =>
  (await net.chain.at.OperatorStaking.read.provision([net.nodes[0]!.operatorId, STORE_SERVICE])).tokens

describe('receipts', () => {
  it('pledge a slot each, and say what bond a challenge takes', async () => {
    expect(new Set(held.map(({ receipt }) => receipt.slot)).size).toBe(BUSY)
    const { baseFeePerGas } = await net.chain.client.getBlock()
    const size = held[0]!.receipt.size
    const { number } = await net.chain.client.getBlock()
    expect(
      await net.chain.at.RetrievalCourt.read.bondFor([size], { blockNumber: number }),
    ).toBeLessThanOrEqual(challengeBond(size, (baseFeePerGas! * 9n) / 8n + 1n))
  })

  it('are refused if no stake or another content is behind them', async () => {
    const { receipt, signature } = held[0]!
    const about = { root: receipt.root, size: receipt.size }
    await expect(alice.courts.keep({ receipt, signature }, { ...about, size: 1n })).rejects.toMatchObject({
      code: 'BAD_RECEIPT',
    })
    const forged = { ...receipt, slot: 4_000_000 }
    await expect(alice.courts.keep({ receipt: forged, signature }, about)).rejects.toMatchObject({
      code: 'BAD_RECEIPT',
    })
  })
})

describe('a node that is challenged', () => {
  it('answers all by itself at a busy moment, and earns the bonds', async () => {
    const node = net.nodes[0]!.node
    const earned = async () =>
      (await net.chain.at.RetrievalCourt.getEvents.Answered({}, { fromBlock: 0n })).length
    for (const kept of held.slice(2)) await alice.courts.challenge(kept)
    await until('all are answered', async () => {
      const stages = await Promise.all(held.slice(2).map(stageOf))
      return stages.every((stage) => stage === 'quiet') && (await earned()) === BUSY - 2
    })
    const [event] = await net.chain.at.RetrievalCourt.getEvents.Answered({}, { fromBlock: 0n })
    expect(event!.args.node).toBe(node)
  })

  it('answers after it was killed in between', async () => {
    const node = net.nodes[0]!
    await node.kill('SIGKILL')
    await alice.courts.challenge(held[0]!)
    expect(await stageOf(held[0]!)).toBe('open')
    net.nodes[0] = await spawnNode(node)
    await until('it is answered', async () => (await stageOf(held[0]!)) === 'quiet')
  })

  it('is convicted of what it dropped, and loses what it pledged', async () => {
    const node = net.nodes[0]!
    const kept = held[1]!
    await node.kill()
    const db = new DatabaseSync(join(node.folder, 'data', 'blobs.sqlite'))
    db.exec(`DELETE FROM blobs WHERE root = x'${kept.receipt.root.slice(2)}'`)
    db.close()
    net.nodes[0] = await spawnNode(node)
    await alice.courts.challenge(kept)
    await until('a leaf can be drawn', async () => (await alice.courts.state(kept.receipt)).next === 'draw')
    await alice.courts.resolve(kept.receipt)
    const before = await staked()
    await until(
      'it counts as lost',
      async () => (await net.nodes[0]!.info()).courts.challenges.unanswerable === 1,
    )
    await net.chain.control.increaseTime({ seconds: 21 })
    await until(
      'it can be convicted',
      async () => (await alice.courts.state(kept.receipt)).next === 'convict',
    )
    expect(await alice.courts.resolve(kept.receipt)).toMatchObject({ did: 'convict' })
    expect(before - (await staked())).toBe(LIABILITY)
    expect((await net.chain.at.RetrievalCourt.read.caseOf([receiptId(kept.receipt)])).bond).toBe(0n)
  })

  it('ends a promise by a notice, for a penalty to the client', async () => {
    const { receipt } = held[2]!
    const { dir, account } = await net.person()
    const eth = privateKeyToAccount(net.nodes[0]!.keys.owner)
    await fund(net.chain, eth.address, TEA)
    // The secrets of an account are hidden properties, which a spread leaves out.
    const changes = { eth: { value: eth }, address: { value: eth.address } }
    const owner = await net.client({ account: Object.create(account, changes) as Account, dir })
    await expect(alice.courts.giveNotice(receipt)).rejects.toMatchObject({
      detail: { reason: 'NotOwnerOrNode' },
    })
    const holds = () => net.chain.at.Token.read.balanceOf([alice.account.address])
    const before = await holds()
    const { penalty } = await owner.courts.giveNotice(receipt)
    expect((await holds()) - before).toBe(penalty)
    expect(penalty).toBe(LIABILITY / 20n)
    const { endsAt, next } = await alice.courts.state(receipt)
    expect(next).toBe('challenge')
    expect(endsAt).toBeLessThan(receipt.until)
    await net.chain.control.increaseTime({ seconds: 51 })
    await until('it has ended', async () => (await alice.courts.state(receipt)).next === 'nothing')
    await expect(alice.courts.challenge(held[2]!)).rejects.toMatchObject({ code: 'WRONG_STAGE' })
  })
})
