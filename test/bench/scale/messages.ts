import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import {
  encodeRateLimitProof,
  epochAt,
  epochBytes,
  externalNullifier,
  identityFromSecret,
  membershipTree,
  messageX,
  rateCommitment,
  rlnIdentifier,
} from '@teahouse/protocol/rln'
import { loadArtifacts } from '@teahouse/protocol/rln/artifacts'
import { pubsubTopicOf, type WakuMessage } from '@teahouse/protocol/wire'
import { threadProver } from '../../../nodes/src/rln/thread-prover.ts'
import { CLUSTER_ID, SHARDS } from '../../support/index.ts'

/** An epoch so long that a run fits in it; the nodes' clocks stand still at the messages' time. */
export const EPOCH_SECONDS = 600
const EPOCH_BEGIN = 1_800_000_000
export const MESSAGES_AT_MS = (EPOCH_BEGIN + 100) * 1_000
/** As in nwaku's published runs (scripts/scale/nwaku.ts). */
export const PAYLOAD_BYTES = 2_000
const CONTENT_TOPIC = '/bench/1/scale/proto'
export const PUBSUB_TOPIC = pubsubTopicOf(CONTENT_TOPIC, CLUSTER_ID, SHARDS)
export const IDENTIFIER = rlnIdentifier(31_337n, `0x${'5c'.repeat(20)}`)

const SECRET = 0x5ca1e_0000_0001n
const RATE_LIMIT = 600

function members() {
  const tree = membershipTree()
  tree.set(0, rateCommitment(identityFromSecret(SECRET).commitment, RATE_LIMIT))
  return tree
}

/** The root under which the messages are proven. */
export const membersRoot = (): bigint => members().root

/** Messages with proofs of one member, each of a slot of its own; the first four bytes of a payload are its number. */
export async function scaleMessages(count: number): Promise<WakuMessage[]> {
  const artifacts = await loadArtifacts((url) => readFile(url))
  const provers = Array.from({ length: availableParallelism() }, () => threadProver(artifacts))
  const bytes = epochBytes(epochAt(EPOCH_BEGIN, EPOCH_SECONDS))
  const path = members().path(0)
  const messages: WakuMessage[] = []

  async function make(number: number, prover: (typeof provers)[number]): Promise<void> {
    const payload = new Uint8Array(PAYLOAD_BYTES)
    new DataView(payload.buffer).setUint32(0, number)
    const timestamp = BigInt(MESSAGES_AT_MS) * 1_000_000n + BigInt(number)
    const message: WakuMessage = { payload, contentTopic: CONTENT_TOPIC, timestamp }
    const proof = await prover.prove({
      secret: SECRET,
      rateLimit: RATE_LIMIT,
      messageId: number,
      path,
      externalNullifier: externalNullifier(bytes, IDENTIFIER),
      x: messageX(message),
    })
    messages[number] = { ...message, rateLimitProof: encodeRateLimitProof(proof, bytes, IDENTIFIER) }
  }

  let next = 0
  try {
    await Promise.all(
      provers.map(async (prover) => {
        while (next < count) await make(next++, prover)
      }),
    )
  } finally {
    await Promise.all(provers.map((prover) => prover.stop()))
  }
  return messages
}
