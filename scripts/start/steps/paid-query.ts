import { nodeClient } from '@teahouse/client/node'
import type { LocalNetwork } from '@teahouse/protocol/chain'
import { eventually } from '../eventually.ts'
import { LETTER_TOPIC, STORE_QUERY_PRICE } from '../parameters.ts'
import type { Mined, StepLog } from '../report.ts'
import { must, mustEqual } from '../start-error.ts'
import { tea } from '../tokens.ts'
import type { LocalChain } from './chain.ts'
import type { Operator } from './operators.ts'
import type { Person } from './people.ts'

const SETTLE_TIMEOUT_MS = 30_000

/** Step 5: Bob comes online, finds the letter at a node that Alice never talked to, and pays; the node collects. */
export async function readLetter(
  log: StepLog,
  chain: LocalChain,
  network: LocalNetwork,
  bob: Person,
  seller: Operator,
  letter: Uint8Array,
): Promise<void> {
  const client = await nodeClient({ network, account: bob.account, dir: bob.dir })
  const earned = () => chain.at.Token.read.balanceOf([seller.payee])
  const fromBlock = await chain.client.getBlockNumber()
  const before = await earned()
  try {
    await log.time('Bob deposits for all nodes', () => client.payments.deposit(tea('1')))
    await log.time(`Bob sets a part aside for node ${seller.id}`, () =>
      client.payments.allocate(seller.payee, tea('0.1')),
    )
    const { messages, paid } = await log.time(`Bob asks node ${seller.id}, pays by voucher and reads`, () =>
      client.history({ contentTopic: LETTER_TOPIC, node: seller.id, pay: true }),
    )
    must(
      messages.some(({ payload }) => Buffer.compare(payload, letter) === 0),
      'Bob reads the bytes that Alice sent',
    )
    mustEqual(paid, STORE_QUERY_PRICE, 'what Bob signed for')
    await log.time(`node ${seller.id} collects on chain`, () => collected(chain, bob, seller, fromBlock))
    mustEqual((await earned()) - before, paid, `what the payee of operator ${seller.id} has more`)
  } finally {
    await client.stop()
  }
}

async function collected(
  chain: LocalChain,
  payer: Person,
  seller: Operator,
  fromBlock: bigint,
): Promise<Mined> {
  const channel = { payer: payer.account.address, payee: seller.payee }
  const what = `node ${seller.id} collects its voucher`
  const { transactionHash: hash } = await eventually(what, SETTLE_TIMEOUT_MS, async () => {
    const [event] = await chain.at.PaymentChannels.getEvents.Collected(channel, { fromBlock })
    return event
  })
  const { gasUsed } = await chain.client.getTransactionReceipt({ hash })
  return { hash, gasUsed }
}
