import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  FIELD,
  identityFromSecret,
  packClaim,
  QUOTA_DAY_SECONDS,
  quotaExternalNullifier,
  quotaX,
  type Claim,
  type QuotaProofFields,
  type RootStatus,
} from '@teahouse/protocol/rln'
import { openDatabase } from '../../storage/index.ts'
import { VOUCHER_MIGRATIONS } from '../voucher-book.ts'
import { quotaBook } from './book.ts'
import { quotaDesk } from './desk.ts'
import { quotaMeter } from './meter.ts'

const OPERATOR = 3
const DAY = 20_000
const NOON = (DAY * QUOTA_DAY_SECONDS + 43_200) * 1_000
const ROOT = 99n
const SECRET = 42n
const UNITS = 5

let file: string
let db: DatabaseSync | undefined
let now: number
let roots: Map<bigint, RootStatus>
let secrets: bigint[]
let verified: number
let holds: (claim: Claim) => boolean

beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'teahouse-quota-')), 'vouchers.sqlite')
  now = NOON
  roots = new Map([[ROOT, 'current']])
  secrets = []
  verified = 0
  holds = () => true
})

afterEach(() => {
  db?.close()
  db = undefined
})

/** The desk as a process has it; another call is what a restart finds. */
function open({ proofsADay = 2 } = {}) {
  db?.close()
  db = openDatabase(file, VOUCHER_MIGRATIONS)
  const book = quotaBook(db)
  const meter = quotaMeter({ book, unitsOf: (service) => (service === 'tea' ? UNITS : 0), now: () => now })
  const desk = quotaDesk({
    ...{ operatorId: OPERATOR, proofsADay, services: ['tea', 'cake'], book, meter, now: () => now },
    homeStatus: (root) => roots.get(root) ?? 'unknown',
    revealedSecrets: () => secrets,
    verifier: {
      async verify(claim) {
        verified++
        return packClaim(claim) !== undefined && holds(claim)
      },
    },
  })
  return { desk, meter }
}

const bytesOf = (value: bigint) =>
  Uint8Array.from({ length: 32 }, (_, at) => Number((value >> BigInt(8 * at)) & 255n))

/** The share that `secret` makes; whether the proof holds is for the test to say. */
function proofOf({
  secret = SECRET,
  day = DAY,
  messageId = 0,
  root = ROOT,
  salt = 1,
} = {}): QuotaProofFields {
  const external = quotaExternalNullifier(day, OPERATOR)
  const slope = (secret * 1_000n + BigInt(messageId) + external) % FIELD
  const y = (secret + slope * quotaX(external, messageId)) % FIELD
  const nullifier = identityFromSecret(slope).commitment
  const proof = new Uint8Array(128).fill(salt)
  return {
    day,
    messageId,
    proof,
    merkleRoot: bytesOf(root),
    shareY: bytesOf(y),
    nullifier: bytesOf(nullifier),
  }
}

const tea = (units: number) => new Map([['tea', units]])

describe('a day’s quota', () => {
  it('is for the connection that showed the proof, of what the offer names', async () => {
    const { desk, meter } = open()
    expect(await desk.take(proofOf(), 'peer')).toEqual([{ service: 'tea', units: UNITS }])
    expect(meter.left('peer', 'tea')).toBe(UNITS)
    expect(meter.left('peer', 'cake')).toBe(0)
    expect(meter.left('other', 'tea')).toBe(0)
    meter.release('peer')
    expect(meter.left('peer', 'tea')).toBe(0)
  })

  it('is one, however often its nullifier is shown, over which connection, under which root', async () => {
    const { desk, meter } = open()
    await desk.take(proofOf(), 'peer')
    await meter.take('peer', tea(3))
    expect(await desk.take(proofOf(), 'peer')).toEqual([{ service: 'tea', units: 2 }])
    roots.set(100n, 'current')
    expect(await desk.take(proofOf({ root: 100n, salt: 2 }), 'again')).toEqual([{ service: 'tea', units: 2 }])
    await Promise.all([meter.take('peer', tea(1)), meter.take('again', tea(1))])
    expect(await desk.take(proofOf(), 'third')).toEqual([])
  })

  it('is on disk before it counts, and what was used of it too', async () => {
    const { desk, meter } = open()
    await desk.take(proofOf(), 'peer')
    await meter.take('peer', tea(4))
    roots.clear() // the proof's root is long gone
    const restarted = open()
    expect(restarted.meter.left('peer', 'tea')).toBe(0)
    expect(await restarted.desk.take(proofOf(), 'peer')).toEqual([{ service: 'tea', units: 1 }])
  })

  it('is not verified again for the same bytes, and is for others', async () => {
    const { desk } = open()
    await desk.take(proofOf(), 'peer')
    await desk.take(proofOf(), 'peer')
    expect(verified).toBe(1)
    holds = () => false
    await expect(desk.take(proofOf({ salt: 2 }), 'peer')).rejects.toMatchObject({ code: 'INVALID_PROOF' })
  })

  it('ends with the day, a minute later', async () => {
    const { desk, meter } = open()
    await desk.take(proofOf(), 'peer')
    now = (DAY + 1) * QUOTA_DAY_SECONDS * 1_000 + 59_000
    expect(meter.left('peer', 'tea')).toBe(UNITS)
    now += 2_000
    expect(meter.left('peer', 'tea')).toBe(0)
    expect(await desk.take(proofOf({ day: DAY + 1 }), 'peer')).toHaveLength(1)
  })

  it('has as many as the operator takes proofs of a membership', async () => {
    const { desk, meter } = open({ proofsADay: 2 })
    await desk.take(proofOf(), 'peer')
    await meter.take('peer', tea(UNITS))
    expect(await desk.take(proofOf({ messageId: 1 }), 'peer')).toEqual([{ service: 'tea', units: UNITS }])
  })
})

describe('when it must refuse', () => {
  it.each([
    { given: 'yesterday’s proof', proof: { day: DAY - 1 }, code: 'WRONG_DAY' },
    { given: 'tomorrow’s proof', proof: { day: DAY + 1 }, code: 'WRONG_DAY' },
    { given: 'one proof more than the operator takes', proof: { messageId: 2 }, code: 'OVER_LIMIT' },
    { given: 'a root of another home', proof: { root: 7n }, code: 'UNKNOWN_ROOT' },
  ])('$given is $code, and nothing is verified', async ({ proof, code }) => {
    await expect(open().desk.take(proofOf(proof), 'peer')).rejects.toMatchObject({ code })
    expect(verified).toBe(0)
  })

  it('a root that a removed member had is UNKNOWN_ROOT once its window is over', async () => {
    const { desk } = open()
    roots.set(ROOT, 'recent')
    await desk.take(proofOf({ secret: 1n }), 'peer')
    roots.set(ROOT, 'expired')
    await expect(desk.take(proofOf(), 'peer')).rejects.toMatchObject({
      detail: { code: 'UNKNOWN_ROOT', status: 'expired' },
    })
  })

  it('a proof of a secret that was revealed is REVEALED_SECRET', async () => {
    secrets = [SECRET]
    const { desk } = open()
    await expect(desk.take(proofOf(), 'peer')).rejects.toMatchObject({ code: 'REVEALED_SECRET' })
    expect(await desk.take(proofOf({ secret: 43n }), 'peer')).toHaveLength(1)
  })

  it('a proof that does not hold enters nothing', async () => {
    const { desk, meter } = open()
    holds = () => false
    await expect(desk.take(proofOf(), 'peer')).rejects.toMatchObject({ code: 'INVALID_PROOF' })
    expect(meter.left('peer', 'tea')).toBe(0)
    await expect(desk.take(proofOf(), 'peer')).rejects.toMatchObject({ code: 'INVALID_PROOF' })
    expect(verified).toBe(2)
  })

  it('any other bytes are refused with a typed error', async () => {
    const { desk } = open()
    const bytes = (length: number) =>
      fc.oneof(fc.uint8Array({ minLength: length, maxLength: length }), fc.uint8Array())
    const fields = fc.record({
      ...{ day: fc.constantFrom(DAY, 0, 2 ** 32 - 1), messageId: fc.nat() },
      ...{ proof: bytes(128), merkleRoot: bytes(32), shareY: bytes(32), nullifier: bytes(32) },
    })
    await fc.assert(
      fc.asyncProperty(fields, async (proof) => {
        await expect(desk.take(proof, 'peer')).rejects.toMatchObject({ name: 'QuotaError' })
      }),
    )
  })
})
