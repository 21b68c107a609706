import { beforeEach, describe, expect, it } from 'vitest'
import { identityFromSecret } from '@teahouse/protocol/rln'
import { messageHash, pubsubTopicOf, type WakuMessage } from '@teahouse/protocol/wire'
import { openDatabase } from '../storage/index.ts'
import { RlnConfig } from './config.ts'
import { NULLIFIER_MIGRATIONS, nullifierLog, type NullifierLog } from './nullifier-log.ts'
import { pastValidator, type ValidatePast } from './past-validator.ts'
import { SECRET, withShare } from './testing/shares.ts'

const NOW_MS = 60_000_000
/** An hour ago, in the middle of an epoch. */
const THEN = NOW_MS / 1_000 - 3_600 + 30
const EPOCH = BigInt(Math.floor(THEN / 60))
const TOPIC = '/a/1/b/c'
const PUBSUB_TOPIC = pubsubTopicOf(TOPIC, 1984, 8)
const IDENTIFIER = new Uint8Array(32).fill(7)
const [VALID, OLD, STRANGE] = [99n, 97n, 1n]

interface Writing extends Partial<WakuMessage> {
  readonly epoch?: bigint
  readonly root?: bigint
  readonly identifier?: Uint8Array
}

const ns = (seconds: number) => BigInt(seconds) * 1_000_000_000n

/** A message of `THEN` with the share that `SECRET` makes. */
function write({ epoch = EPOCH, root = VALID, identifier = IDENTIFIER, ...over }: Writing = {}): WakuMessage {
  const message = { payload: Uint8Array.of(1), contentTopic: TOPIC, timestamp: ns(THEN), ...over }
  return withShare(message, { epoch, root, identifier })
}

let nullifiers: NullifierLog
let revealed: bigint[]
let holds: boolean
let verified: number
let ready: boolean
let validate: ValidatePast

beforeEach(() => {
  nullifiers = nullifierLog(openDatabase(':memory:', NULLIFIER_MIGRATIONS))
  revealed = []
  holds = true
  verified = 0
  ready = true
  validate = pastValidator(RlnConfig.parse({}), {
    network: { clusterId: 1984, shards: 8, epochSeconds: 60 },
    rlnIdentifier: IDENTIFIER,
    membership: {
      get ready() {
        return ready
      },
      wasValidRoot: (root, seconds) => (root === STRANGE ? undefined : root === VALID && seconds === THEN),
      revealedSecrets: () => revealed,
    },
    nullifiers,
    verifier: {
      async verify() {
        verified++
        return holds
      },
    },
    now: () => NOW_MS,
  })
})

const judge = async (message: WakuMessage, topic = PUBSUB_TOPIC) => {
  const { result, code } = await validate(topic, message)
  return `${result} ${code}`
}

describe('a message of an hour ago', () => {
  it('is good under a root that was valid then, and leaves no trace', async () => {
    expect(await judge(write())).toBe('accept OK')
    expect(await judge(write())).toBe('accept OK')
    expect([verified, nullifiers.count()]).toEqual([2, 0])
  })

  it.each([
    {
      given: 'another shard',
      message: () => write(),
      topic: '/waku/2/rs/1984/999',
      is: 'reject WRONG_SHARD',
    },
    {
      given: 'too many bytes',
      message: () => write({ payload: new Uint8Array(151 * 1024) }),
      is: 'reject TOO_LARGE',
    },
    { given: 'meta', message: () => write({ meta: Uint8Array.of(1) }), is: 'reject UNBOUND_META' },
    { given: 'no timestamp', message: () => write({ timestamp: undefined }), is: 'reject NO_TIMESTAMP' },
    {
      given: 'a timestamp of tomorrow',
      message: () => write({ timestamp: ns(NOW_MS / 1_000 + 86_400) }),
      is: 'reject TIMESTAMP_OUT_OF_WINDOW',
    },
    { given: 'no proof', message: () => ({ ...write(), rateLimitProof: undefined }), is: 'reject NO_PROOF' },
    {
      given: 'a proof for another network',
      message: () => write({ identifier: new Uint8Array(32) }),
      is: 'reject WRONG_RLN_IDENTIFIER',
    },
    {
      given: 'another time than was proved',
      message: () => ({ ...write(), timestamp: ns(THEN + 1) }),
      is: 'reject X_MISMATCH',
    },
    {
      given: 'an epoch of well before its time',
      message: () => write({ epoch: EPOCH - 2n }),
      is: 'reject EPOCH_OUT_OF_WINDOW',
    },
    {
      given: 'the present epoch: it was made later',
      message: () => write({ epoch: BigInt(NOW_MS / 60_000) }),
      is: 'reject EPOCH_OUT_OF_WINDOW',
    },
    { given: 'a root that is not known', message: () => write({ root: STRANGE }), is: 'ignore UNKNOWN_ROOT' },
    {
      given: 'a root that was not valid then',
      message: () => write({ root: OLD }),
      is: 'ignore EXPIRED_ROOT',
    },
  ])('with $given: $is, before any pairing', async ({ message, topic, is }) => {
    expect(await judge(message(), topic)).toBe(is)
    expect(verified).toBe(0)
  })

  it.each([EPOCH - 1n, EPOCH + 1n])('may have the epoch beside that of its time: %s', async (epoch) => {
    expect(await judge(write({ epoch }))).toBe('accept OK')
  })

  it('is refused if its proof does not hold', async () => {
    holds = false
    expect(await judge(write())).toBe('reject INVALID_PROOF')
  })

  it('is not judged while the members are not known', async () => {
    ready = false
    expect(await judge(write())).toBe('ignore MEMBERSHIP_UNKNOWN')
  })

  it('is left out if its secret is known: anybody could have made it since', async () => {
    revealed = [SECRET]
    expect(await judge(write())).toBe('ignore REVEALED_SECRET')
  })

  it('is left out if its slot is known to be used for another one', async () => {
    const slot = identityFromSecret(1_000n + EPOCH).commitment
    const hash = messageHash(PUBSUB_TOPIC, write())
    nullifiers.enter({ nullifier: slot, epoch: EPOCH, x: 5n, y: 6n, hash, ephemeral: false })
    expect(await judge(write())).toBe('ignore RATE_EXCEEDED')
  })
})
