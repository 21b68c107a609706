import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAccount, type Account, type Client } from '@teahouse/client'
import { nodeClient } from '@teahouse/client/node'
import { membershipEvent } from '@teahouse/protocol/chain'
import {
  encodeQuotaProof,
  membershipLedger,
  quotaDay,
  quotaExternalNullifier,
  quotaX,
  recoverSecret,
  type HomeEntry,
  type MembershipLedger,
  type Prover,
  type QuotaProofFields,
  type RlnProof,
} from '@teahouse/protocol/rln'
import { decode, PayRequest, PayResponse, PROTOCOLS } from '@teahouse/protocol/wire'
import { fund, newLightPeer, spawnNode, TEA, testProver, until, type LightPeer } from '../../support/index.ts'
import { startNetwork, type TestNetwork } from '../client/network.ts'

const TOPIC = '/teahouse-test/1/member-quota/utf8'
const UNITS = 3
const CONFIG = {
  payments: {
    prices: { 'store-query': '1500', lightpush: '700' },
    freeQuota: 0,
    terms: { 'store-query': { memberQuota: UNITS }, lightpush: { memberQuota: 1 } },
  },
}

let net: TestNetwork
let prover: Prover
let home: number
let alice: Account
let peer: LightPeer
let aliceClient: Client
const clients: Client[] = []
/** A proof of Alice's from before another member came. */
let before: Awaited<ReturnType<typeof prove>>

beforeAll(async () => {
  ;[net, prover] = await Promise.all([startNetwork({ nodes: [CONFIG] }), testProver()])
  home = net.network.nodes[0]!.operator
  const [first, second] = [await person(), await person()]
  alice = first
  aliceClient = await open(alice)
  await aliceClient.membership.join({ rateLimit: 20, home })
  await (await open(second)).membership.join({ rateLimit: 20, home })
  peer = await newLightPeer((await net.nodes[0]!.info()).multiaddrs[0]!)
})

afterAll(async () => {
  await Promise.all(clients.map((client) => client.stop()))
  await peer?.stop()
  await prover?.stop()
  await net?.stop()
})

async function person(): Promise<Account> {
  const account = createAccount()
  await fund(net.chain, account.address, 10n * TEA)
  return account
}

/** A client of the account on a device of its own. */
async function open(account: Account, smallestSet = 2): Promise<Client> {
  const dir = await mkdtemp(join(tmpdir(), 'teahouse-quota-'))
  const client = await nodeClient({ network: net.network, account, dir, memberQuota: { smallestSet } })
  clients.push(client)
  return client
}

const read = (client: Client) => client.history({ contentTopic: TOPIC })
const REFUSED = { code: 'TOO_MANY_REQUESTS' }

/** The members as the chain tells them, with the home of `operatorId`. */
async function members(operatorId: number): Promise<MembershipLedger> {
  const ledger = membershipLedger({ graceSeconds: 600, rootWindowSeconds: 60 })
  const entries: HomeEntry[] = []
  const { MembershipRegistry: address } = net.chain.contracts
  for (const log of await net.chain.client.getLogs({ address, fromBlock: 0n })) {
    const change = membershipEvent(log)
    const { timestamp, number } = await net.chain.client.getBlock({ blockNumber: log.blockNumber })
    const block = { number, timestamp: Number(timestamp) }
    if (change?.kind === 'homeSet' || change?.kind === 'registered') entries.push(change)
    if (change && change.kind !== 'homeSet') ledger.apply(change, block)
  }
  ledger.followHome(operatorId, entries)
  return ledger
}

const today = () => quotaDay(Math.floor(Date.now() / 1_000))

/** What Alice proves, as whoever has her secret could make it. */
async function prove({ day = today(), operatorId = home } = {}): Promise<{
  fields: QuotaProofFields
  made: RlnProof
}> {
  const ledger = await members(home)
  const { index, rateLimit } = ledger.membersOf(alice.rln.commitment)[0]!
  const externalNullifier = quotaExternalNullifier(day, operatorId)
  const { secret } = alice.rln
  const [path, x] = [ledger.home!.path(index)!, quotaX(externalNullifier, 0)]
  const made = await prover.prove({ secret, rateLimit, messageId: 0, path, x, externalNullifier })
  return { made, fields: encodeQuotaProof(made, { day, messageId: 0 }) }
}

async function show(quotaProof: QuotaProofFields, over = peer) {
  const bytes = await over.send(PROTOCOLS.pay, PayRequest.encode({ requestId: 'quota', quotaProof }))
  const { statusCode, statusDesc, left } = decode(PayResponse, bytes)
  return { statusCode, code: statusDesc?.split(':')[0], left }
}
const leftOf = (units: number) =>
  units > 0
    ? expect.arrayContaining([{ service: 'store-query', units }])
    : expect.not.arrayContaining([expect.objectContaining({ service: 'store-query' })])

describe('a member of the operator’s home, without a purse', () => {
  it('reads as much as the offer gives it for nothing, and then no more', async () => {
    for (let page = 0; page < UNITS; page++)
      expect(await read(aliceClient)).toMatchObject({ paid: 0n, pages: 1 })
    await expect(read(aliceClient)).rejects.toMatchObject(REFUSED)
  })

  it('writes a message for nothing, of the same proof', async () => {
    const payload = new TextEncoder().encode('tea')
    expect(await aliceClient.send({ contentTopic: TOPIC, payload })).toMatchObject({ paid: 0n })
  })

  it('has no more of it on another device, nor after the node was killed', async () => {
    await expect(read(await open(alice))).rejects.toMatchObject(REFUSED)
    await net.nodes[0]!.kill('SIGKILL')
    net.nodes[0] = await spawnNode(net.nodes[0]!)
    await peer.stop()
    peer = await newLightPeer((await net.nodes[0].info()).multiaddrs[0]!)
    await expect(read(aliceClient)).rejects.toMatchObject(REFUSED)
    before = await prove()
    expect(await show(before.fields)).toMatchObject({ statusCode: 200, left: leftOf(0) })
  })
})

describe('two proofs of one day', () => {
  it('have one share, whatever root they are under, and buy one quota', async () => {
    const carol = await open(await person())
    await carol.membership.join({ rateLimit: 20, home })
    const second = await prove()
    expect(second.made.root).not.toBe(before.made.root)
    const { nullifier, x, y } = before.made
    expect(second.made).toMatchObject({ nullifier, x, y })
    expect(() => recoverSecret(before.made, second.made)).toThrow(
      expect.objectContaining({ code: 'SAME_SHARE' }),
    )
    await until('the node has seen her', async () => (await show(second.fields)).statusCode === 200)
    expect(await show(second.fields)).toMatchObject({ left: leftOf(0) })
    expect(await read(carol)).toMatchObject({ paid: 0n }) // hers is another
  })
})

describe('when it must refuse', () => {
  it('a member of no home, or of another, has nothing', async () => {
    const bob = await open(await person())
    await bob.membership.join({ rateLimit: 20 })
    await expect(read(bob)).rejects.toMatchObject(REFUSED)
  })

  it('a client does not ask where it would stand among too few', async () => {
    const shy = await open(await person(), 99)
    await shy.membership.join({ rateLimit: 20, home })
    await expect(read(shy)).rejects.toMatchObject(REFUSED)
  })

  it('a proof for another operator, or for yesterday, is none', async () => {
    const other = await prove({ operatorId: home + 1 })
    expect(await show(other.fields)).toMatchObject({ statusCode: 402, code: 'INVALID_PROOF' })
    expect(await show({ ...other.fields, day: today() - 1 })).toMatchObject({
      statusCode: 402,
      code: 'WRONG_DAY',
    })
    expect(await show({ ...other.fields, merkleRoot: new Uint8Array(32).fill(1) })).toMatchObject({
      statusCode: 402,
      code: 'UNKNOWN_ROOT',
    })
  })

  it('who has left the registry can make none', async () => {
    const dave = await open(await person())
    await dave.membership.join({ rateLimit: 20, home })
    await dave.membership.exit()
    await expect(read(dave)).rejects.toMatchObject(REFUSED)
  })
})
