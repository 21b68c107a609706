import type { Client, OpenDeal } from '@teahouse/client'
import { nodeClient } from '@teahouse/client/node'
import type { LocalNetwork } from '@teahouse/protocol/chain'
import type { StepLog } from '../report.ts'
import { mustEqual } from '../start-error.ts'
import { tea } from '../tokens.ts'
import type { LocalChain } from './chain.ts'
import { judgedDeals } from './judged-deals.ts'
import type { People, Person } from './people.ts'

const RELEASED = tea('10')
const DISPUTED = tea('8')
const TO_BOB = tea('3')
const ARBITER_FEE = tea('0.5')

/** Part of step 7: one deal that goes well, one that Carol has to rule on, and those that contracts judge. */
export async function closeDeals(
  log: StepLog,
  chain: LocalChain,
  network: LocalNetwork,
  people: People,
): Promise<void> {
  const { alice, bob, carol } = people
  const clients = await Promise.all([alice, bob, carol].map((person) => clientOf(network, person)))
  const [asAlice, asBob, asCarol] = clients as [Client, Client, Client]
  const terms = { payee: bob.account.address, arbiter: carol.account.address }
  const tokens = (person: Person) => chain.at.Token.read.balanceOf([person.account.address])
  const holdings = async () => ({
    alice: await tokens(alice),
    bob: await tokens(bob),
    carol: await tokens(carol),
  })
  try {
    const start = await holdings()
    await goodDeal(log, asAlice, { ...terms, amount: RELEASED })
    const between = await holdings()
    mustEqual(between.alice - start.alice, -RELEASED, 'what the first deal cost Alice')
    mustEqual(between.bob - start.bob, RELEASED, 'what the first deal brought Bob')

    await disputedDeal(
      log,
      { asAlice, asBob, asCarol },
      { ...terms, amount: DISPUTED, arbiterFee: ARBITER_FEE },
    )
    const end = await holdings()
    mustEqual(end.alice - between.alice, -TO_BOB - ARBITER_FEE, 'what the second deal cost Alice')
    mustEqual(end.bob - between.bob, TO_BOB, 'what the second deal brought Bob')
    mustEqual(end.carol - between.carol, ARBITER_FEE, 'what the arbiter earned')

    await judgedDeals(log, chain, { asAlice, asBob, asCarol })
  } finally {
    await Promise.all(clients.map((client) => client.stop()))
  }
}

async function goodDeal(log: StepLog, asAlice: Client, open: OpenDeal): Promise<void> {
  const { deal } = await log.time('Alice funds a deal with Bob', () => asAlice.deals.open(open))
  await log.time('Bob delivered: Alice releases', () => asAlice.deals.release(deal))
  mustEqual((await asAlice.deals.status(deal)).closed?.outcome, 'released', 'how the first deal ended')
}

async function disputedDeal(
  log: StepLog,
  { asAlice, asBob, asCarol }: Record<'asAlice' | 'asBob' | 'asCarol', Client>,
  open: OpenDeal,
): Promise<void> {
  const { deal } = await log.time('Alice funds another deal', () => asAlice.deals.open(open))
  await log.time('Bob disputes it', () => asBob.deals.dispute(deal))
  await log.time('Carol, the arbiter, rules', () => asCarol.deals.rule(deal, TO_BOB))
  mustEqual((await asBob.deals.status(deal)).closed?.outcome, 'ruled', 'how the second deal ended')
}

function clientOf(network: LocalNetwork, { account, dir }: Person): Promise<Client> {
  return nodeClient({ network, account, dir })
}
