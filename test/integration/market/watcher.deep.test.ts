import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { decodeBlobAnswer, encodeBlobRequest } from '@teahouse/protocol/blob'
import { contentTree } from '@teahouse/protocol/receipts'
import { PROTOCOLS } from '@teahouse/protocol/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client, KeptReceipt } from '@teahouse/client'
import { mined, newLightPeer, newWallet, spawnNode, TEA, until, type LightPeer } from '../../support/index.ts'
import { startNetwork, type TestNetwork } from '../client/network.ts'

const STORE_SERVICE = 1
const LIABILITY = TEA / 100n
const STAKE = 20n * TEA
const TERM = 180
/** The node that promises, one that keeps copies without a promise, and one that answers for the first. */
const [PROMISER, KEEPER, WATCHER] = [0, 1, 2]
const TOOK = 'Took content from another node'

let net: TestNetwork
let alice: Client
const peers: LightPeer[] = []

beforeAll(async () => {
  const courts = { liability: `${LIABILITY}` }
  net = await startNetwork({ nodes: [{ courts }, {}, { courts: { watchFor: [1] } }] })
  expect(net.nodes[PROMISER]!.operatorId).toBe(1)
  const { keys, operatorId } = net.nodes[PROMISER]!
  const { OperatorStaking: staking, RetrievalCourt } = net.chain.contracts
  const owner = await newWallet(net.chain, STAKE, keys.owner)
  await mined(net.chain, owner.at.Token.write.approve([staking, STAKE]))
  const { setAdjudicator, stake } = owner.at.OperatorStaking.write
  await mined(net.chain, setAdjudicator([operatorId, STORE_SERVICE, RetrievalCourt, true]))
  await mined(net.chain, stake([operatorId, STORE_SERVICE, STAKE]))
  alice = await net.client(await net.person())
  for (const at of [PROMISER, KEEPER])
    peers[at] = await newLightPeer((await net.nodes[at]!.info()).multiaddrs[0]!)
})
afterAll(async () => {
  await Promise.all(peers.map((peer) => peer.stop()))
  await net?.stop()
})

async function ask(at: number, content: Uint8Array) {
  const { timestamp } = await net.chain.client.getBlock()
  const client = alice.account.address
  const request = encodeBlobRequest({ ask: 'put', data: content, until: Number(timestamp) + TERM, client })
  return decodeBlobAnswer(await peers[at]!.send(PROTOCOLS.blob, request))
}

/** A blob at the node that promises, and perhaps at the one that keeps copies, with the receipt that Alice keeps. */
async function put({ alsoAtKeeper }: { readonly alsoAtKeeper: boolean }): Promise<KeptReceipt> {
  const content = new Uint8Array(randomBytes(5_000))
  const { root, size } = contentTree(content)
  const signed = await until('the node gives a receipt', async () => (await ask(PROMISER, content)).receipt)
  if (alsoAtKeeper) expect(await ask(KEEPER, content)).toMatchObject({ status: 200 })
  return await alice.courts.keep(signed, { root, size })
}

const isQuiet = async ({ receipt }: KeptReceipt) => (await alice.courts.state(receipt)).stage === 'quiet'
const challenges = async () => (await net.nodes[WATCHER]!.info()).courts.challenges
/** Who sent the transaction that answered the receipt's challenge. */
async function answeredBy({ receipt }: KeptReceipt): Promise<string> {
  const { id } = await alice.courts.state(receipt)
  const [event] = await net.chain.at.RetrievalCourt.getEvents.Answered({ id }, { fromBlock: 0n })
  return (await net.chain.client.getTransaction({ hash: event!.transactionHash })).from
}

describe('a watcher without the content', () => {
  it('takes it from the node that promised it, and answers once that one is gone', async () => {
    const kept = await put({ alsoAtKeeper: false })
    const promiser = net.nodes[PROMISER]!
    // It serves what it has, but can't send anything.
    await net.chain.control.setBalance({ address: promiser.node, value: 0n })
    await alice.courts.challenge(kept)
    await until('the watcher has it', async () => net.nodes[WATCHER]!.output().includes(TOOK))
    await peers[PROMISER]!.stop()
    await promiser.kill('SIGKILL')
    await until('it is answered', () => isQuiet(kept))
    expect(await answeredBy(kept)).toBe(net.nodes[WATCHER]!.node.toLowerCase())
    await net.chain.control.setBalance({ address: promiser.node, value: 10n ** 18n })
    net.nodes[PROMISER] = await spawnNode(promiser)
    peers[PROMISER] = await newLightPeer((await net.nodes[PROMISER].info()).multiaddrs[0]!)
  })

  it('takes it from another that keeps the same, and the operator loses nothing', async () => {
    const kept = await put({ alsoAtKeeper: true })
    await peers[PROMISER]!.stop()
    await net.nodes[PROMISER]!.kill('SIGKILL')
    await alice.courts.challenge(kept)
    await until('it is answered', () => isQuiet(kept))
    expect(await answeredBy(kept)).toBe(net.nodes[WATCHER]!.node.toLowerCase())
    const { tokens } = await net.chain.at.OperatorStaking.read.provision([1, STORE_SERVICE])
    expect(tokens).toBe(STAKE)
    expect((await challenges()).unanswerable).toBe(0)
  })

  it('takes nothing else from a node that gives other bytes, and says that it can not answer', async () => {
    net.nodes[PROMISER] = await spawnNode(net.nodes[PROMISER]!)
    peers[PROMISER] = await newLightPeer((await net.nodes[PROMISER].info()).multiaddrs[0]!)
    const kept = await put({ alsoAtKeeper: true })
    await Promise.all(peers.map((peer) => peer.stop()))
    await Promise.all([PROMISER, KEEPER].map((at) => net.nodes[at]!.kill('SIGKILL')))
    const db = new DatabaseSync(join(net.nodes[KEEPER]!.folder, 'data', 'blobs.sqlite'))
    db.exec('UPDATE contents SET data = zeroblob(length(data))')
    db.close()
    net.nodes[KEEPER] = await spawnNode(net.nodes[KEEPER]!)
    const asked = async () => {
      const metrics = await (await fetch(`${net.nodes[KEEPER]!.apiUrl}/metrics`)).text()
      return /_count\{protocol="\/teahouse\/blob\/1"\} [1-9]/.test(metrics)
    }
    await alice.courts.challenge(kept)
    await until('the other node was asked', asked)
    await until('it says so', async () => (await challenges()).unanswerable === 1)
    expect(await isQuiet(kept)).toBe(false)
    const taken = net.nodes[WATCHER]!.output()
      .split('\n')
      .filter((line) => line.includes(TOOK))
    expect(taken.filter((line) => line.includes(kept.receipt.root))).toEqual([])
  })
})
