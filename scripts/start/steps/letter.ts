import type { SendResult } from '@teahouse/client'
import { nodeClient } from '@teahouse/client/node'
import type { LocalNetwork } from '@teahouse/protocol/chain'
import { eventually } from '../eventually.ts'
import { nodeInfo } from '../node-api.ts'
import { LETTER_TOPIC } from '../parameters.ts'
import type { StepLog } from '../report.ts'
import { must } from '../start-error.ts'
import type { Operator } from './operators.ts'
import type { Person } from './people.ts'

const RELAY_TIMEOUT_MS = 20_000

/** The second and third only if an epoch ends between the two steps. */
const PROOF_NOTES = {
  slot: 'of which finishing the proof took',
  cached: 'of which a new proof took (its epoch had just ended)',
  plain: 'of which a new proof took (its epoch had just ended)',
}

/** Step 4: Alice proves and pushes her letter to one node; the others check the proof and pass it on. Bob is away. */
export async function sendLetter(
  log: StepLog,
  network: LocalNetwork,
  alice: Person,
  operators: readonly Operator[],
  letter: Uint8Array,
): Promise<SendResult> {
  const [entry] = operators
  must(entry !== undefined, 'there is a node to push to')
  const before = await keptBy(operators)
  const client = await nodeClient({ network, account: alice.account, dir: alice.dir })
  try {
    await log.time('Alice makes a proof ahead, while nothing happens', () =>
      client.proving.prepare({ slots: 1 }),
    )
    const counted = await client.proving.counts()
    const sent = await log.time(`Alice sends ${letter.length} bytes to node ${entry.id}`, () =>
      client.send({ contentTopic: LETTER_TOPIC, payload: letter, node: entry.id }),
    )
    log.note(PROOF_NOTES[sent.proof], { ms: sent.provedInMs })
    const { witnesses } = await client.proving.counts()
    must(sent.proof !== 'slot' || witnesses === counted.witnesses, 'no proof runs between draft and send')
    const remaining = await log.time('the nodes that keep her message ids tell what is left', () =>
      client.membership.remaining(),
    )
    const { epoch, left, limit } = remaining
    must(epoch !== sent.epoch || left === limit - 1, 'one message id of the epoch is leased')
    await log.time('every node has checked the proof and kept the letter', () =>
      waitForRelay(operators, before),
    )
    return sent
  } finally {
    await client.stop()
  }
}

async function waitForRelay(operators: readonly Operator[], before: readonly number[]): Promise<void> {
  await eventually('the letter reaches every node', RELAY_TIMEOUT_MS, async () =>
    (await keptBy(operators)).every((count, i) => count > (before[i] ?? 0)),
  )
}

/** How many messages each node keeps; what its validator has not accepted is not among them. */
async function keptBy(operators: readonly Operator[]): Promise<number[]> {
  return await Promise.all(operators.map(async ({ apiUrl }) => (await nodeInfo(apiUrl)).archive.messages))
}
