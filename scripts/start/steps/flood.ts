import { setTimeout as sleep } from 'node:timers/promises'
import { PushError, type Client } from '@teahouse/client'
import { nodeClient } from '@teahouse/client/node'
import type { LocalNetwork } from '@teahouse/protocol/chain'
import type { WakuMessage } from '@teahouse/protocol/wire'
import { eventually } from '../eventually.ts'
import { tamperedClient } from '../mallory.ts'
import { nodeInfo } from '../node-api.ts'
import type { Mined, StepLog } from '../report.ts'
import { must, mustEqual } from '../start-error.ts'
import type { LocalChain } from './chain.ts'
import type { Operator } from './operators.ts'
import type { Person } from './people.ts'

const FLOOD_TOPIC = '/teahouse-flood/1/mallory/utf8'
const SLASH_TIMEOUT_MS = 60_000
/** How close to an epoch's end a flood is not begun: its messages must fall into one epoch. */
const EPOCH_MARGIN_SECONDS = 15
/** IMembershipRegistry.State.Slashed */
const SLASHED = 4

/** Part of step 6: Mallory sends one message more than she may in an epoch. That reveals her secret, and costs her deposit. */
export async function flood(
  log: StepLog,
  chain: LocalChain,
  network: LocalNetwork,
  mallory: Person,
  operators: readonly Operator[],
): Promise<void> {
  const registry = chain.at.MembershipRegistry
  const { commitment } = mallory.account.rln
  const tampered = await tamperedClient(chain, mallory)
  const client = await nodeClient({ network, account: mallory.account, dir: mallory.dir })
  const { rateLimit } = await registry.read.member([commitment, mallory.account.address])
  const [entry] = operators
  must(entry !== undefined, 'there is a node to push to')
  try {
    await epochWithTime(await registry.read.epochSeconds())
    const epoch = tampered.epoch()
    await log.time(`Mallory sends her ${rateLimit} messages of this epoch`, async () => {
      for (let messageId = 0; messageId < rateLimit; messageId++) {
        const message = await tampered.prove(`Buy my tea! (${messageId})`, FLOOD_TOPIC, { epoch, messageId })
        await client.publish(message, { node: entry.id })
      }
    })
    const fromBlock = await chain.client.getBlockNumber()
    await log.time('Mallory sends one more, in a slot that she has used', async () => {
      const message = await tampered.prove('Buy my tea, again!', FLOOD_TOPIC, { epoch, messageId: 0 })
      const refusal = await refusalOf(client, message, entry)
      must(
        refusal.includes('RATE_EXCEEDED'),
        `node ${entry.id} refuses one message too many as such (${refusal})`,
      )
    })
    await log.time('a node recovers her secret, commits and reveals', () =>
      slashed(chain, mallory, fromBlock),
    )
    await mustBeSlashed(chain, mallory, operators, fromBlock)
    await log.time('every node drops what she still proves', async () => {
      const slot = { epoch: tampered.epoch(), messageId: 1 % rateLimit }
      const message = await tampered.prove('I have done nothing!', FLOOD_TOPIC, slot)
      for (const operator of operators) await mustBeDropped(client, message, operator)
    })
  } finally {
    await Promise.all([tampered.stop(), client.stop()])
  }
}

async function epochWithTime(epochSeconds: number): Promise<void> {
  const left = epochSeconds - ((Date.now() / 1_000) % epochSeconds)
  if (left < EPOCH_MARGIN_SECONDS) await sleep(left * 1_000)
}

/** Why a node did not take a message, in its own words; empty if it did. */
async function refusalOf(client: Client, message: WakuMessage, { id }: Operator): Promise<string> {
  try {
    await client.publish(message, { node: id })
    return ''
  } catch (error) {
    if (error instanceof PushError) return `${error.detail.status} ${error.detail.description}`
    throw error
  }
}

async function slashed(chain: LocalChain, mallory: Person, fromBlock: bigint): Promise<Mined> {
  const member = { idCommitment: mallory.account.rln.commitment, holder: mallory.account.address }
  const { transactionHash: hash } = await eventually('a node slashes Mallory', SLASH_TIMEOUT_MS, async () => {
    const [event] = await chain.at.MembershipRegistry.getEvents.MemberSlashed(member, { fromBlock })
    return event
  })
  const { gasUsed } = await chain.client.getTransactionReceipt({ hash })
  return { hash, gasUsed }
}

/** Half of the deposit, rounded up, is burned; the rest is paid to the node that slashed. */
async function mustBeSlashed(
  chain: LocalChain,
  mallory: Person,
  operators: readonly Operator[],
  fromBlock: bigint,
): Promise<void> {
  const { commitment, secret } = mallory.account.rln
  const registry = chain.at.MembershipRegistry
  const member = { idCommitment: commitment, holder: mallory.account.address }
  const [event] = await registry.getEvents.MemberSlashed(member, { fromBlock, strict: true })
  must(event !== undefined, 'the chain tells of the slashing')
  const { rateLimit, state } = await registry.read.member([commitment, mallory.account.address])
  const [deposit] = await registry.read.price([rateLimit])
  const { burned, rewarded, slasher, secret: revealed } = event.args
  mustEqual(state, SLASHED, "the state of Mallory's membership")
  mustEqual(revealed, secret, 'the secret that was revealed')
  mustEqual(burned, deposit - deposit / 2n, 'what was burned')
  mustEqual(rewarded, deposit / 2n, 'what the slasher was paid')
  must(
    operators.some(({ node }) => node === slasher),
    'the slasher is one of the nodes',
  )
}

async function mustBeDropped(client: Client, message: WakuMessage, operator: Operator): Promise<void> {
  const before = await nodeInfo(operator.apiUrl)
  const refusal = await refusalOf(client, message, operator)
  must(
    refusal.includes('REVEALED_SECRET'),
    `node ${operator.id} knows Mallory after her slashing (${refusal})`,
  )
  const after = await nodeInfo(operator.apiUrl)
  mustEqual(after.archive.messages, before.archive.messages, `what node ${operator.id} keeps`)
  mustEqual(after.rln.accepted, before.rln.accepted, `what node ${operator.id} has accepted`)
}
