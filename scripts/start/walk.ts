import type { Address } from 'viem'
import { balanceTable, mustAddUp, readBalances } from './balances.ts'
import type { Children } from './children.ts'
import { publishLocalNetwork } from './local-network.ts'
import type { StartOptions } from './options.ts'
import type { Paths } from './paths.ts'
import { report } from './report.ts'
import { must } from './start-error.ts'
import { startChain } from './steps/chain.ts'
import { convict, keepFile } from './steps/keeping.ts'
import { closeDeals } from './steps/deals.ts'
import { giveEnvelope, giveToGroup, takeBack } from './steps/envelopes.ts'
import { talk } from './steps/conversation.ts'
import { flood } from './steps/flood.ts'
import { sendLetter } from './steps/letter.ts'
import { networkOf, startOperators, type Operator } from './steps/operators.ts'
import { readLetter } from './steps/paid-query.ts'
import { meetPeople, type People, type Person } from './steps/people.ts'

export interface Walk {
  readonly options: StartOptions
  readonly home: Paths
  readonly processes: Children
  readonly out: NodeJS.WritableStream
}

/** The main job: each step takes what the one before has made, checks what it promises, and throws if that does not hold. */
export async function walk({ options, home, processes, out }: Walk): Promise<void> {
  const { step, table } = report(out)

  const chain = await step('A local chain, and the contracts on it', (log) =>
    startChain(log, processes, home),
  )
  const operators = await step('Three operators stake, register and start their nodes', (log) =>
    startOperators(log, chain, processes, home),
  )
  const network = networkOf(chain, operators)
  publishLocalNetwork(home.localNetwork, network)

  const people = await step('Alice, Bob and Mallory make accounts and join', (log) =>
    meetPeople(log, chain, network, home),
  )
  const holders = holdersOf(people, operators)
  const before = await readBalances(chain, holders)

  await step('Alice sends a letter; Bob is offline', (log) =>
    sendLetter(log, network, people.alice, operators, options.message),
  )
  const seller = operators.at(-1)
  must(seller !== undefined && operators.length > 1, 'there is a node that Alice never talked to')
  await step('Bob comes online, pays another node for the letter; they talk, encrypted', async (log) => {
    await readLetter(log, chain, network, people.bob, seller, options.message)
    await talk(log, network, people.alice, people.bob)
  })
  const receipts = await step(
    'Nodes keep a file for Alice, and one drops it; Mallory floods the network, and is slashed',
    async (log) => {
      const receipts = await keepFile(log, chain, network, people.alice, operators)
      await flood(log, chain, network, people.mallory, operators)
      return receipts
    },
  )
  const envelope = await step('Alice gives red envelopes, and makes deals with Bob', async (log) => {
    const terms = await giveEnvelope(log, chain, people)
    await closeDeals(log, chain, network, people)
    await giveToGroup(log, chain, people)
    return terms
  })
  await step('What had to wait for its time, and the books', async (log) => {
    await takeBack(log, chain, people.alice, envelope)
    await convict(log, chain, network, people.alice, receipts)
    const after = await log.time('the balances add up to all tokens there are', async () => {
      const balances = await readBalances(chain, holders)
      await mustAddUp(chain, balances)
      return balances
    })
    out.write(`\n${table()}\n\n${balanceTable(before, after)}\n`)
  })
}

function holdersOf(people: People, operators: readonly Operator[]): Map<string, Address> {
  const persons = Object.values<Person>({ ...people }).map(
    ({ name, account }) => [name, account.address] as const,
  )
  const keys = operators.flatMap(({ id, owner, payee, node }) => [
    [`operator ${id}: owner`, owner] as const,
    [`operator ${id}: payee`, payee] as const,
    [`operator ${id}: node`, node] as const,
  ])
  return new Map([...persons, ...keys])
}
