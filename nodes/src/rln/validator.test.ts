import { beforeEach, describe, expect, it } from 'vitest'
import { recoverSecret, type Verifier } from '@teahouse/protocol/rln'
import { messageHash, pubsubTopicOf, type WakuMessage } from '@teahouse/protocol/wire'
import { openDatabase } from '../storage/index.ts'
import { RlnConfig } from './config.ts'
import { NULLIFIER_MIGRATIONS, nullifierLog, type NullifierLog } from './nullifier-log.ts'
import { SECRET, withShare } from './testing/shares.ts'
import { createValidator, type DoubleSignal, type Validator } from './validator.ts'

const NOW_MS = 60_000_000
const EPOCH = 1_000n
const TOPIC = '/a/1/b/c'
const NETWORK = { clusterId: 1984, shards: 8, epochSeconds: 60 }
const PUBSUB_TOPIC = pubsubTopicOf(TOPIC, 1984, 8)
const IDENTIFIER = new Uint8Array(32).fill(7)
const ROOT = 99n

interface Writing extends Partial<WakuMessage> {
  readonly text?: string
  readonly slot?: bigint
  readonly epoch?: bigint
  readonly root?: bigint
  readonly identifier?: Uint8Array
}

/** A message with the share that `SECRET` makes in a slot. */
function write({
  text = 'hello',
  slot = 1n,
  epoch = EPOCH,
  root = ROOT,
  identifier = IDENTIFIER,
  ...over
}: Writing = {}): WakuMessage {
  const timestamp = BigInt(NOW_MS) * 1_000_000n
  const message = { payload: new TextEncoder().encode(text), contentTopic: TOPIC, timestamp, ...over }
  return withShare(message, { slot, epoch, root, identifier })
}

let nullifiers: NullifierLog
let kept: Set<string>
let found: DoubleSignal[]
let revealed: bigint[]
let verify: Verifier['verify']
let verified: number
let ready: boolean
let nowMs: number
let validator: Validator

beforeEach(() => {
  nullifiers = nullifierLog(openDatabase(':memory:', NULLIFIER_MIGRATIONS))
  kept = new Set()
  found = []
  revealed = []
  verify = async () => true
  verified = 0
  ready = true
  nowMs = NOW_MS
  validator = createValidator(RlnConfig.parse({}), {
    network: NETWORK,
    rlnIdentifier: IDENTIFIER,
    membership: {
      get ready() {
        return ready
      },
      rootStatus: (root) =>
        root === ROOT ? 'current' : root === 98n ? 'recent' : root === 97n ? 'expired' : 'unknown',
      revealedSecrets: () => revealed,
    },
    roots: { waitUntil: async () => false, blockApplied() {}, stop() {} },
    nullifiers,
    verifier: {
      verify(proof) {
        verified++
        return verify(proof)
      },
    },
    kept: async (hash) => kept.has(Buffer.from(hash).toString('hex')),
    foundDoubleSignal: (signal) => void found.push(signal),
    now: () => nowMs,
  })
})

const judge = async (message: WakuMessage, topic = PUBSUB_TOPIC) => {
  const { result, code } = await validator.validate(topic, message)
  return `${result} ${code}`
}

function keep(message: WakuMessage): void {
  kept.add(Buffer.from(messageHash(PUBSUB_TOPIC, message)).toString('hex'))
}

describe('createValidator', () => {
  it.each([
    { given: 'the newest root', writing: { root: ROOT } },
    { given: 'a replaced root in its window', writing: { root: 98n } },
    { given: 'the epoch before', writing: { epoch: EPOCH - 1n } },
    { given: 'the epoch after', writing: { epoch: EPOCH + 1n } },
  ])('accepts $given', async ({ writing }) => {
    expect(await judge(write(writing))).toBe('accept OK')
    expect(nullifiers.count()).toBe(1)
  })

  it.each([
    {
      given: 'another shard',
      message: () => write(),
      topic: '/waku/2/rs/1984/999',
      is: 'reject WRONG_SHARD',
    },
    {
      given: 'a content topic that is none',
      message: () => write({ contentTopic: 'x' }),
      is: 'reject INVALID_TOPIC',
    },
    {
      given: 'too many bytes',
      message: () => write({ payload: new Uint8Array(151 * 1024) }),
      is: 'reject TOO_LARGE',
    },
    { given: 'meta', message: () => write({ meta: Uint8Array.of(1) }), is: 'reject UNBOUND_META' },
    { given: 'no timestamp', message: () => write({ timestamp: undefined }), is: 'reject NO_TIMESTAMP' },
    {
      given: 'a late timestamp',
      message: () => write({ timestamp: BigInt(NOW_MS - 21_000) * 1_000_000n }),
      is: 'ignore TIMESTAMP_OUT_OF_WINDOW',
    },
    {
      given: 'an early timestamp',
      message: () => write({ timestamp: BigInt(NOW_MS + 21_000) * 1_000_000n }),
      is: 'ignore TIMESTAMP_OUT_OF_WINDOW',
    },
    { given: 'no proof', message: () => ({ ...write(), rateLimitProof: undefined }), is: 'reject NO_PROOF' },
    {
      given: 'another application',
      message: () => write({ identifier: new Uint8Array(32) }),
      is: 'reject WRONG_RLN_IDENTIFIER',
    },
    {
      given: 'other bytes than were proved',
      message: () => ({ ...write(), payload: Uint8Array.of(9) }),
      is: 'reject X_MISMATCH',
    },
    { given: 'an old epoch', message: () => write({ epoch: EPOCH - 2n }), is: 'ignore EPOCH_OUT_OF_WINDOW' },
    {
      given: 'an epoch to come',
      message: () => write({ epoch: EPOCH + 2n }),
      is: 'ignore EPOCH_OUT_OF_WINDOW',
    },
    { given: 'an unknown root', message: () => write({ root: 1n }), is: 'ignore UNKNOWN_ROOT' },
    { given: 'an expired root', message: () => write({ root: 97n }), is: 'ignore EXPIRED_ROOT' },
  ])('with $given: $is, before any pairing and without a trace', async ({ message, topic, is }) => {
    expect(await judge(message(), topic)).toBe(is)
    expect(verified).toBe(0)
    expect(nullifiers.count()).toBe(0)
  })

  it.each([
    { given: 'a good message', message: () => write(), is: undefined },
    { given: 'no timestamp, to be set', message: () => write({ timestamp: undefined }), is: undefined },
    { given: 'a timestamp of 0', message: () => write({ timestamp: 0n }), is: 'NO_TIMESTAMP' },
    { given: 'a late one', message: () => write({ timestamp: 1n }), is: 'TIMESTAMP_OUT_OF_WINDOW' },
    { given: 'meta', message: () => write({ meta: Uint8Array.of(1) }), is: 'UNBOUND_META' },
    {
      given: 'too many bytes',
      message: () => write({ payload: new Uint8Array(151 * 1024) }),
      is: 'TOO_LARGE',
    },
  ])('checks before a proof is made: $given, $is', ({ message, is }) => {
    expect(validator.precheck(PUBSUB_TOPIC, { ...message(), rateLimitProof: undefined })?.code).toBe(is)
    expect(validator.precheck('/waku/2/rs/1984/999', message())).toBeDefined()
  })

  it('ignores everything while the members are not known', async () => {
    ready = false
    expect(await judge(write())).toBe('ignore MEMBERSHIP_UNKNOWN')
  })

  it.each([
    { given: 'ahead', hours: 5 },
    { given: 'back', hours: -5 },
  ])(
    "while the node's clock is $given by hours, ignores without blame, and forgets nothing",
    async ({ hours }) => {
      const before = write({ text: 'before' })
      expect(await judge(before)).toBe('accept OK')
      keep(before)
      nowMs += hours * 3_600_000
      expect(await judge(write({ text: 'meanwhile', slot: 2n }))).toBe('ignore TIMESTAMP_OUT_OF_WINDOW')
      nowMs = NOW_MS
      expect(await judge(before)).toBe('ignore DUPLICATE')
      expect(await judge(write({ text: 'after', slot: 2n }))).toBe('accept OK')
      expect(found).toEqual([])
      expect(await judge(write({ text: 'twice' }))).toBe('ignore RATE_EXCEEDED')
      expect(found).toHaveLength(1)
    },
  )

  it('rejects a proof that does not hold, and enters nothing: nobody can frame a member', async () => {
    verify = async () => false
    expect(await judge(write())).toBe('reject INVALID_PROOF')
    verify = async () => true
    expect(await judge(write({ text: 'another' }))).toBe('accept OK')
    expect(found).toEqual([])
  })

  it('counts its verdicts by reason', async () => {
    await judge(write())
    await judge(write({ root: 1n }))
    await judge({ ...write(), rateLimitProof: undefined })
    const counts = { accepted: 1, ignored: { UNKNOWN_ROOT: 1 }, rejected: { NO_PROOF: 1 } }
    expect(validator.counts()).toEqual(counts)
  })
})

describe('a slot that was used before', () => {
  it('with other bytes gives the secret away, once the second proof has been verified', async () => {
    await judge(write({ text: 'one' }))
    expect(await judge(write({ text: 'two' }))).toBe('ignore RATE_EXCEEDED')
    expect(recoverSecret(found[0]!.first, found[0]!.second)).toBe(SECRET)
    verify = async () => false
    expect(await judge(write({ text: 'three' }))).toBe('reject INVALID_PROOF')
    expect(found).toHaveLength(1)
  })

  it('is told from the next slot', async () => {
    expect(await judge(write({ text: 'one', slot: 1n }))).toBe('accept OK')
    expect(await judge(write({ text: 'two', slot: 2n }))).toBe('accept OK')
  })

  it('with the same bytes is a duplicate, without a second pairing', async () => {
    const message = write()
    await judge(message)
    keep(message)
    expect(await judge(message)).toBe('ignore DUPLICATE')
    expect(verified).toBe(1)
  })

  it('with the same bytes is accepted again when a crash kept the message out of the archive', async () => {
    const message = write()
    await judge(message)
    expect(await judge(message)).toBe('accept OK')
    expect(verified).toBe(2)
  })

  it('accepts one of two messages that are judged at the same time', async () => {
    const gate = Promise.withResolvers<boolean>()
    verify = () => gate.promise
    const verdicts = [judge(write({ text: 'one' })), judge(write({ text: 'two' }))]
    gate.resolve(true)
    expect((await Promise.all(verdicts)).sort()).toEqual(['accept OK', 'ignore RATE_EXCEEDED'])
    expect(found).toHaveLength(1)
  })

  it('lets the lasting copy of an ephemeral message through, and only that way round', async () => {
    const message = write()
    expect(await judge({ ...message, ephemeral: true })).toBe('accept OK')
    expect(await judge({ ...message, ephemeral: true })).toBe('ignore DUPLICATE')
    expect(await judge(message)).toBe('accept OK_LASTING')
    keep(message)
    expect(await judge(message)).toBe('ignore DUPLICATE')
    expect(await judge({ ...message, ephemeral: true })).toBe('ignore DUPLICATE')
  })
})

describe('a revealed secret', () => {
  it('makes nothing that is accepted, in any slot, before any pairing', async () => {
    revealed = [1n, SECRET]
    expect(await judge(write({ slot: 5n }))).toBe('ignore REVEALED_SECRET')
    expect(verified).toBe(0)
  })

  it('does not touch other members', async () => {
    revealed = [1n, 2n]
    expect(await judge(write())).toBe('accept OK')
  })

  it('counts also when it comes out during the pairing', async () => {
    verify = async () => {
      revealed = [SECRET]
      return true
    }
    expect(await judge(write())).toBe('ignore REVEALED_SECRET')
    expect(nullifiers.count()).toBe(0)
  })
})
