import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Client, KeptReceipt, Weighed } from '@teahouse/client'
import { nodeClient } from '@teahouse/client/node'
import type { LocalNetwork } from '@teahouse/protocol/chain'
import { timeAfter } from '../contracts-as.ts'
import { eventually } from '../eventually.ts'
import { nodeInfo } from '../node-api.ts'
import { BLOB_DAY_PRICES, RECEIPT_LIABILITY } from '../parameters.ts'
import type { StepLog } from '../report.ts'
import { must, mustEqual } from '../start-error.ts'
import { inTea } from '../tokens.ts'
import type { LocalChain } from './chain.ts'
import { STORAGE_SERVICE, type Operator } from './operators.ts'
import type { Person } from './people.ts'

const FILE_BYTES = 5_000
const TIMEOUT_MS = 60_000

/** Promises of the two nodes that took Alice's file; the one of `dropped` can't be kept any more. */
export interface Receipts {
  readonly kept: KeptReceipt
  readonly dropped: KeptReceipt
}

/**
 * Part of step 6: Alice compares what nodes ask, and pays the two cheapest to keep a file. The cheapest throws it away: it gives her nothing,
 * loses her as a customer, and has to show the court a part of the file, as the other one has to.
 */
export async function keepFile(
  log: StepLog,
  chain: LocalChain,
  network: LocalNetwork,
  alice: Person,
  operators: readonly Operator[],
): Promise<Receipts> {
  const client = await nodeClient({ network, account: alice.account, dir: alice.dir })
  try {
    const before = await log.time('Alice compares what nodes ask for a part of a file and a day', () =>
      client.market.compare('blob-day'),
    )
    log.note(pricesOf(before), {})
    const [cheapest, next] = before
      .toSorted((a, b) => Number(a.price - b.price))
      .map(({ node }) => node.operatorId)
    must(cheapest !== undefined && next !== undefined, 'two nodes keep files')
    const file = crypto.getRandomValues(new Uint8Array(FILE_BYTES))
    const { reference, paid, receipts } = await log.time(
      `nodes ${cheapest} and ${next} keep a file of hers, and sign for it`,
      () => client.files.put(file, { days: 1, pay: true, nodes: [cheapest, next] }),
    )
    must(paid >= BLOB_DAY_PRICES[cheapest - 1]!, `node ${cheapest} is paid`)
    mustEqual(receipts, 2, 'how many signed for the file')
    const [dropped, kept] = await receiptsOf(client, [cheapest, next])

    const loser = operators.find(({ id }) => id === cheapest)!
    await log.time(`node ${cheapest} throws the file away`, () => drop(loser, dropped))
    await log.time('Alice asks both for a part of it, before the court', async () => {
      await client.courts.challenge(kept)
      return await client.courts.challenge(dropped)
    })
    await loser.process.ready(() => nodeInfo(loser.apiUrl), TIMEOUT_MS)
    await readElsewhere(log, client, reference, file, [cheapest, next])
    await mustHaveLost(log, client, before, cheapest)
    await eventually(
      'the court goes on',
      TIMEOUT_MS,
      async () => (await client.courts.state(dropped.receipt)).next === 'draw',
    )
    await client.courts.resolve(dropped.receipt)
    return { kept, dropped }
  } finally {
    await client.stop()
  }
}

/**
 * Part of step 8: the node that has the file has shown the part by itself, and earned the bond. The other one can't: that costs what its receipt
 * says, and a tenth of it is Alice's reward.
 */
export async function convict(
  log: StepLog,
  chain: LocalChain,
  network: LocalNetwork,
  alice: Person,
  { kept, dropped }: Receipts,
): Promise<void> {
  const { Token, RetrievalCourt, OperatorStaking } = chain.at
  const { operator } = dropped.receipt
  const staked = async () => (await OperatorStaking.read.provision([operator, STORAGE_SERVICE])).tokens
  const holds = () => Token.read.balanceOf([alice.account.address])
  const client = await nodeClient({ network, account: alice.account, dir: alice.dir })
  try {
    const answered = async () => (await client.courts.state(kept.receipt)).stage === 'quiet'
    await log.time(`node ${kept.receipt.operator} has shown the part that was drawn`, () =>
      eventually('the court goes on', TIMEOUT_MS, answered),
    )
    const [before, had] = [await staked(), await holds()]
    await log.time(`node ${operator} was silent for too long: the court convicts it`, async () => {
      await timeAfter(chain, (await client.courts.state(dropped.receipt)).deadline!)
      const { hash, gasUsed, did } = await client.courts.resolve(dropped.receipt)
      mustEqual(did, 'convict', 'what the court does')
      return { hash, gasUsed }
    })
    mustEqual((await client.courts.state(dropped.receipt)).stage, 'convicted', "the state of Alice's case")
    mustEqual(
      before - (await staked()),
      RECEIPT_LIABILITY,
      `what was taken of the stake of operator ${operator}`,
    )
    const reward = (RECEIPT_LIABILITY * BigInt(await RetrievalCourt.read.rewardBps())) / 10_000n
    mustEqual((await holds()) - had, reward, "Alice's reward")
  } finally {
    await client.stop()
  }
}

const percent = (share: number) => `${Math.round(100 * share)} %`

const pricesOf = (nodes: readonly Weighed[]) =>
  nodes
    .map(
      ({ node, price, share }) =>
        `node ${node.operatorId} asks ${inTea(price)} TEA and gets ${percent(share)}`,
    )
    .join(', ')

async function receiptsOf(client: Client, operators: readonly number[]): Promise<[KeptReceipt, KeptReceipt]> {
  const all = await client.courts.receipts()
  const [first, second] = operators.map((id) => all.find(({ receipt }) => receipt.operator === id))
  must(first !== undefined && second !== undefined, 'Alice has the receipts of both')
  return [first, second]
}

/** The node's disk loses what the receipt is about. */
async function drop({ folder, process }: Operator, { receipt }: KeptReceipt): Promise<void> {
  await process.restart(() => {
    const db = new DatabaseSync(join(folder, 'data', 'blobs.sqlite'))
    db.exec(`DELETE FROM blobs WHERE root = x'${receipt.root.slice(2)}'`)
    db.close()
  })
}

async function readElsewhere(
  log: StepLog,
  client: Client,
  reference: string,
  file: Uint8Array,
  nodes: readonly number[],
): Promise<void> {
  const faults: string[] = []
  const parts: Uint8Array[] = []
  await log.time(`node ${nodes[0]} has nothing for her; node ${nodes[1]} gives the file`, async () => {
    const onFault = ({ peerId }: { peerId: string }) => void faults.push(peerId)
    for await (const part of client.files.get(reference, { nodes, pay: true, onFault })) parts.push(part)
  })
  must(Buffer.compare(Buffer.concat(parts), file) === 0, 'Alice has her file')
  must(faults.length > 0, `node ${nodes[0]} gives nothing`)
}

/** Who broke its word is asked for a third of what it was, or less. */
async function mustHaveLost(
  log: StepLog,
  client: Client,
  before: readonly Weighed[],
  operator: number,
): Promise<void> {
  const shareIn = (all: readonly Weighed[]): number =>
    all.find(({ node }) => node.operatorId === operator)!.share
  const was = shareIn(before)
  // The court is asked whether the node gave notice, before it is blamed.
  const is = await eventually(`node ${operator} loses a customer`, TIMEOUT_MS, async () => {
    const share = shareIn(await client.market.compare('blob-day'))
    return share < was / 3 && share
  })
  log.note(`of what Alice will ask, node ${operator} gets ${percent(is)} instead of ${percent(was)}`, {})
}
