import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  encodeRateLimitProof,
  epochAt,
  epochBytes,
  externalNullifier,
  messageX,
  rlnIdentifier,
  slotFinisher,
  type Slot,
  type SlotFinisher,
} from '@teahouse/protocol/rln'
import { encodeMessage, pubsubTopicOf, type WakuMessage } from '@teahouse/protocol/wire'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  becomesWell,
  CLUSTER_ID,
  newLightPeer,
  newMember,
  newMessage,
  prepareNode,
  readLedger,
  SHARDS,
  spawnNode,
  startChain,
  testProver,
  until,
  type LightPeer,
  type NodeProcess,
  type TestChain,
  type TestMember,
} from '../../support/index.ts'

const TOPIC = '/teahouse-test/1/flood/bytes'
const PUBSUB_TOPIC = pubsubTopicOf(TOPIC, CLUSTER_ID, SHARDS)
/** Letters that are sent through the flood. */
const LETTERS = 6
const ATTACKERS = 1
/** An epoch so long that what was made before is still good when it is sent. */
const EPOCH_SECONDS = 600
const MEMBERSHIP = {
  epochSeconds: EPOCH_SECONDS,
  rootWindow: 600,
  term: 3_600,
  grace: 600,
  exitDelay: 3_600,
  commitMinBlocks: 2,
  commitMaxAge: 86_400,
  depositPerMessage: 50_000n,
  feePerMessage: 10_000n,
}

let chain: TestChain
let node: NodeProcess
let honest: LightPeer
let epoch: bigint
let identifier: Uint8Array
let finisher: SlotFinisher
const slots: Slot[] = []
const attackers: ChildProcess[] = []
let heard = ''

beforeAll(async () => {
  chain = await startChain({ parameters: { membership: MEMBERSHIP } })
  node = await spawnNode(await prepareNode(chain))
  honest = await newLightPeer((await node.info()).multiaddrs[0]!)
  await makeSlots(await newMember(chain, LETTERS + 1))
}, 300_000)

afterAll(async () => {
  for (const attacker of attackers) attacker.kill('SIGKILL')
  await honest?.stop()
  await node?.kill()
  await chain?.stop()
})

/** What can be proved of letters before they are written, so that a letter costs its sender nothing. */
async function makeSlots({ identity, rateLimit }: TestMember): Promise<void> {
  const ledger = await readLedger(chain)
  epoch = epochAt(Math.floor(Date.now() / 1_000), EPOCH_SECONDS)
  identifier = rlnIdentifier(chain.chainId, chain.contracts.MembershipRegistry)
  finisher = await slotFinisher()
  const prover = await testProver()
  const path = ledger.path(ledger.membersOf(identity.commitment)[0]!.index)
  const external = externalNullifier(epochBytes(epoch), identifier)
  for (let messageId = 0; messageId < rateLimit; messageId++) {
    const { secret } = identity
    slots.push(await prover.prepare({ secret, rateLimit, messageId, path, externalNullifier: external }))
  }
  await prover.stop()
}

function newLetter(): WakuMessage {
  const message = newMessage(TOPIC, `letter ${slots.length}`)
  const proof = finisher.finish(slots.pop()!, messageX(message))
  return { ...message, rateLimitProof: encodeRateLimitProof(proof, epochBytes(epoch), identifier) }
}

async function startAttackers(model: WakuMessage): Promise<void> {
  const file = join(await mkdtemp(join(tmpdir(), 'teahouse-flood-')), 'model.bin')
  await writeFile(file, encodeMessage(model))
  const { multiaddrs } = await node.info()
  const program = join(import.meta.dirname, 'flooder.ts')
  for (let started = 0; started < ATTACKERS; started++) {
    const child = spawn(process.execPath, [program, multiaddrs[0]!, PUBSUB_TOPIC, file])
    for (const output of [child.stdout, child.stderr])
      output.on('data', (chunk: Buffer) => (heard += chunk.toString()))
    attackers.push(child)
  }
}

/** Every letter is taken at once: a push is not tried again. How fast, is for `npm run bench -- proofs-flood`. */
async function sendLetters(count: number): Promise<void> {
  for (let sent = 0; sent < count; sent++) {
    expect(await honest.push(newLetter())).toMatchObject({ statusCode: 200 })
  }
}

const invalidProofs = async () => (await node.info()).rln.rejected['INVALID_PROOF'] ?? 0

describe('a flood of proofs that do not hold', { timeout: 180_000 }, () => {
  it('keeps no letter of honest peers out; attackers are disconnected and not let in again', async () => {
    await startAttackers(newLetter())
    await until('the flood has begun', async () => (await invalidProofs()) > 20, 60_000)
    await sendLetters(LETTERS)

    await until('an attacker was turned away', async () => heard.includes('refused'), 60_000)
    expect(heard).not.toContain('let in again')
    await becomesWell(node)
    expect(honest.connected()).toBe(true)
    expect((await node.info()).rln.slashed).toEqual([])
  })
})
