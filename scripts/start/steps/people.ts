import { createAccount, type Account, type JoinResult } from '@teahouse/client'
import { nodeClient } from '@teahouse/client/node'
import type { LocalNetwork } from '@teahouse/protocol/chain'
import { fund } from '../faucet.ts'
import type { Paths } from '../paths.ts'
import type { StepLog } from '../report.ts'
import { must, mustEqual } from '../start-error.ts'
import { tea } from '../tokens.ts'
import type { LocalChain } from './chain.ts'
import { rmSync } from 'node:fs'

export interface Person {
  readonly name: string
  readonly account: Account
  /** Folder of this person's client. */
  readonly dir: string
}

export interface People {
  readonly alice: Person
  readonly bob: Person
  readonly mallory: Person
  /** Rules in disputes; needs no membership. */
  readonly carol: Person
  /** Come for the red envelope only. */
  readonly dave: Person
  readonly erin: Person
}

const FUNDS = tea('100')
const RATE_LIMIT = 20
/** Mallory pays for two messages an epoch, and will send three. */
const MALLORY_RATE_LIMIT = 2

/** Step 3: accounts from seed phrases, and memberships on chain. */
export async function meetPeople(
  log: StepLog,
  chain: LocalChain,
  network: LocalNetwork,
  home: Paths,
): Promise<People> {
  const person = (name: string): Person => {
    const dir = home.person(name)
    rmSync(dir, { recursive: true, force: true }) // of an earlier chain
    return { name, account: createAccount(), dir }
  }
  const people = {
    alice: person('Alice'),
    bob: person('Bob'),
    mallory: person('Mallory'),
    carol: person('Carol'),
    dave: person('Dave'),
    erin: person('Erin'),
  }
  await log.time('coins and tokens from the faucet', async () => {
    for (const { account } of Object.values(people)) await fund(chain, account.address, FUNDS)
  })
  await join(log, chain, network, people.alice, RATE_LIMIT)
  await join(log, chain, network, people.bob, RATE_LIMIT)
  await join(log, chain, network, people.mallory, MALLORY_RATE_LIMIT)
  return people
}

async function join(
  log: StepLog,
  chain: LocalChain,
  network: LocalNetwork,
  { name, account, dir }: Person,
  rateLimit: number,
): Promise<JoinResult> {
  const client = await nodeClient({ network, account, dir })
  try {
    const joined = await log.time(`${name} joins: ${rateLimit} messages an epoch`, () =>
      client.membership.join({ rateLimit }),
    )
    const { state, index } = await chain.at.MembershipRegistry.read.member([
      account.rln.commitment,
      account.address,
    ])
    must(state === ACTIVE, `${name}'s membership is active on chain`)
    mustEqual(index, joined.index, `${name}'s place in the tree`)
    return joined
  } finally {
    await client.stop()
  }
}

/** IMembershipRegistry.State.Active */
const ACTIVE = 1
