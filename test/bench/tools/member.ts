import { identityFromSecret, membershipTree, rateCommitment, type ProverInput } from '@teahouse/protocol/rln'

const SECRET = 0x0123_4567_89ab_cdef_0123_4567_89ab_cdefn
const OTHERS = 50
const RATE_LIMIT = 600

/** A member among others, with what it proves. */
export function benchMember(): ProverInput {
  const tree = membershipTree()
  for (let index = 0; index < OTHERS; index++) tree.set(index, BigInt(index + 1))
  tree.set(7, rateCommitment(identityFromSecret(SECRET).commitment, RATE_LIMIT))
  const externalNullifier = 0x1234_5678_9abc_def0n ** 3n
  return { secret: SECRET, rateLimit: RATE_LIMIT, messageId: 0, path: tree.path(7), x: 1n, externalNullifier }
}

/** A new x for each message, as large as hashes are. */
export function randomX(): bigint {
  const bytes = crypto.getRandomValues(new Uint8Array(31))
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 1n)
}
