import { createHash } from 'node:crypto'
import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { loadArtifacts } from '@teahouse/protocol/rln/artifacts'
import {
  encodeRateLimitProof,
  epochAt,
  epochBytes,
  externalNullifier,
  identityFromSecret,
  messageX,
  rlnIdentifier,
} from '@teahouse/protocol/rln'
import { decodeMessage, encodeMessage, type WakuMessage } from '@teahouse/protocol/wire'
import { threadProver } from '../../../nodes/src/rln/thread-prover.ts'
import { mined, newWallet, readLedger, ROOT, TEA, type TestChain } from '../../support/index.ts'

/** An epoch so long that a run fits in it. */
export const EPOCH_SECONDS = 600
const EPOCH_BEGIN = 1_800_000_000
/** Unix milliseconds at which a run begins, by the nodes' clocks; all messages are from 20 s later, so good for 40 s. */
export const RUN_BEGINS_MS = (EPOCH_BEGIN + 100) * 1_000
const MESSAGE_NS = BigInt(RUN_BEGINS_MS + 20_000) * 1_000_000n
export const TOPIC = '/bench/1/relay/proto'

const MEMBERS = 50
const RATE_LIMIT = 600
/** Proofs in a row by one member: what is prepared for its path is used again. */
const IN_A_ROW = 20
const PAYLOAD_BYTES = 500

const SECRETS = Array.from({ length: MEMBERS }, (_, at) => 0x7ea_0000_0001n + BigInt(at))

/** Registers the members, always the same in the same order, so that the chain has always the same root. */
async function register(chain: TestChain): Promise<void> {
  const { account, at } = await newWallet(chain, 10_000n * TEA, `0x${'5e'.repeat(32)}`)
  for (const secret of SECRETS) {
    const { commitment } = identityFromSecret(secret)
    const args = [commitment, RATE_LIMIT, account.address, 0, 10_000n * TEA] as const
    await mined(chain, at.MembershipRegistry.write.register(args))
  }
}

/**
 * The first `count` of a list of messages that is always the same, each of its own slot of one of fifty members, all of one epoch. Proofs that are not in the
 * cache are made, which takes a third of a second of CPU each, and kept there. The chain must be new.
 */
export async function relayMessages(
  chain: TestChain,
  count: number,
  note: (text: string) => void,
): Promise<WakuMessage[]> {
  await register(chain)
  const ledger = await readLedger(chain)
  const identifier = rlnIdentifier(chain.chainId, chain.contracts.MembershipRegistry)
  const key = createHash('sha256').update(identifier).update(String(ledger.root)).digest('hex').slice(0, 16)
  const file = join(ROOT, 'cache', `relay-proofs-${key}.bin`)
  await mkdir(join(ROOT, 'cache'), { recursive: true })
  const messages = await readMessages(file)
  if (messages.length >= count) return messages.slice(0, count)

  note(`making ${count - messages.length} proofs, once; they are kept in ${file}`)
  const artifacts = await loadArtifacts((url) => readFile(url))
  const provers = Array.from({ length: availableParallelism() }, () => threadProver(artifacts))
  const bytes = epochBytes(epochAt(EPOCH_BEGIN, EPOCH_SECONDS))
  const external = externalNullifier(bytes, identifier)

  async function make(number: number, prover: (typeof provers)[number]): Promise<WakuMessage> {
    const block = Math.floor(number / IN_A_ROW)
    const secret = SECRETS[block % MEMBERS]!
    const messageId = Math.floor(block / MEMBERS) * IN_A_ROW + (number % IN_A_ROW)
    const payload = new Uint8Array(PAYLOAD_BYTES)
    new DataView(payload.buffer).setUint32(0, number)
    const message: WakuMessage = { payload, contentTopic: TOPIC, timestamp: MESSAGE_NS + BigInt(number) }
    const { index } = ledger.membersOf(identityFromSecret(secret).commitment)[0]!
    const slot = {
      secret,
      rateLimit: RATE_LIMIT,
      messageId,
      path: ledger.path(index),
      externalNullifier: external,
    }
    const proof = await prover.prove({ ...slot, x: messageX(message) })
    return { ...message, rateLimitProof: encodeRateLimitProof(proof, bytes, identifier) }
  }

  while (messages.length < count) {
    const rounds = provers.map(async (prover, at) => {
      const from = messages.length + at * IN_A_ROW
      const made: WakuMessage[] = []
      for (let number = from; number < from + IN_A_ROW; number++) made.push(await make(number, prover))
      return made
    })
    const made = (await Promise.all(rounds)).flat()
    await appendFile(file, Buffer.concat(made.map(framed)))
    messages.push(...made)
    if (messages.length % 500 < made.length) note(`${messages.length} of ${count} proofs`)
  }
  await Promise.all(provers.map((prover) => prover.stop()))
  return messages.slice(0, count)
}

function framed(message: WakuMessage): Buffer {
  const bytes = encodeMessage(message)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** What a run that was stopped left whole. */
async function readMessages(file: string): Promise<WakuMessage[]> {
  const bytes = await readFile(file).catch(() => Buffer.alloc(0))
  const messages: WakuMessage[] = []
  for (let at = 0; at + 4 <= bytes.length;) {
    const end = at + 4 + bytes.readUInt32BE(at)
    if (end > bytes.length) break
    messages.push(decodeMessage(bytes.subarray(at + 4, end)))
    at = end
  }
  return messages
}
