import { bn254 } from '@noble/curves/bn254.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { epochBytes, externalNullifier } from './epoch.ts'
import { ProofError } from './errors.ts'
import { FIELD, fromLittleEndian, toLittleEndian } from './field.ts'
import type { Groth16Proof, RlnProof } from './proof.ts'
import {
  decodeProof,
  decodeRateLimitProof,
  encodeProof,
  encodeRateLimitProof,
  type RateLimitProofFields,
} from './wire.ts'

const { Fp, Fp2 } = bn254.fields
const P = Fp.ORDER
const element = fc.bigInt({ min: 0n, max: FIELD - 1n })
const scalar = fc.bigInt({ min: 1n, max: FIELD - 1n })

/** Some points, not a proof of anything: the codec does not look at pairings. */
function pointsOf(a: bigint, b: bigint, c: bigint): Groth16Proof {
  const g1 = (factor: bigint): [bigint, bigint] => {
    const { x, y } = bn254.G1.Point.BASE.multiply(factor).toAffine()
    return [x, y]
  }
  const { x, y } = bn254.G2.Point.BASE.multiply(b).toAffine()
  return {
    a: g1(a),
    b: [
      [x.c0, x.c1],
      [y.c0, y.c1],
    ],
    c: g1(c),
  }
}

/** A point of the twist that is not in the subgroup of order r: almost every one is. */
function outsideSubgroup(): Uint8Array {
  for (let c0 = 1n; ; c0++) {
    const bytes = new Uint8Array([...toLittleEndian(c0), ...toLittleEndian(0n)])
    const x = Fp2.create({ c0, c1: 0n })
    const square = Fp2.add(Fp2.mul(Fp2.sqr(x), x), bn254.G2.Point.CURVE().b)
    if (Fp2.pow(square, (P * P - 1n) / 2n).c0 === 1n) return bytes
  }
}

const EPOCH = epochBytes(42n)
const APPLICATION = new Uint8Array(32).fill(7)
const SAMPLE: RlnProof = {
  proof: pointsOf(11n, 22n, 33n),
  y: 1n,
  root: 2n,
  nullifier: FIELD - 1n,
  x: 4n,
  externalNullifier: externalNullifier(EPOCH, APPLICATION),
}
const FIELDS = encodeRateLimitProof(SAMPLE, EPOCH, APPLICATION)
const compressed = FIELDS.proof

/** The sample's 128 bytes with some replaced. */
function patched(at: number, bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(compressed)
  copy.set(bytes, at)
  return copy
}

describe('the compressed form of a proof', () => {
  it('round-trips, whichever sign the ys have', () => {
    fc.assert(
      fc.property(scalar, scalar, scalar, (a, b, c) => {
        const proof = pointsOf(a, b, c)
        const bytes = encodeProof(proof)
        expect(bytes).toHaveLength(128)
        expect(decodeProof(bytes)).toEqual(proof)
      }),
      { numRuns: 20 },
    )
  })

  it('marks the larger y in the top bit', () => {
    const { x, y } = bn254.G1.Point.BASE.toAffine()
    const [smaller, larger] = [y, Fp.neg(y)] // the generator is (1, 2)
    const flags = [smaller, larger].map((side) => encodeProof({ ...SAMPLE.proof, a: [x, side] })[31])
    expect(flags).toEqual([0x00, 0x80])
  })
})

describe('field 21 of a message', () => {
  it('round-trips, with epoch and external nullifier', () => {
    fc.assert(
      fc.property(
        element,
        element,
        element,
        scalar,
        fc.bigInt(0n, (1n << 256n) - 1n),
        (y, root, nullifier, x, epoch) => {
          const bytes = epochBytes(epoch)
          const proof = {
            ...SAMPLE,
            y,
            root,
            nullifier,
            x,
            externalNullifier: externalNullifier(bytes, APPLICATION),
          }
          const decoded = decodeRateLimitProof(encodeRateLimitProof(proof, bytes, APPLICATION))
          const { proof: points, ...rest } = proof
          expect(decoded).toEqual({ ...rest, proof: encodeProof(points), epoch, rlnIdentifier: APPLICATION })
          expect(decodeProof(decoded.proof)).toEqual(points)
        },
      ),
      { numRuns: 20 },
    )
  })

  it('is little-endian throughout', () => {
    expect(FIELDS.shareX[0]).toBe(4)
    expect(FIELDS.epoch[0]).toBe(42)
    expect(fromLittleEndian(FIELDS.nullifier)).toBe(FIELD - 1n)
  })

  it('does not share memory with what was decoded', () => {
    const fields = {
      ...FIELDS,
      rlnIdentifier: Uint8Array.from(APPLICATION),
      proof: Uint8Array.from(compressed),
    }
    const decoded = decodeRateLimitProof(fields)
    fields.rlnIdentifier.fill(0)
    fields.proof.fill(0)
    expect(decoded.proof).toEqual(compressed)
    expect(decoded.rlnIdentifier).toEqual(APPLICATION)
  })

  it('throws only ProofError, whatever the bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array({ maxLength: 40 }),
      element.map(toLittleEndian),
    )
    const proof = fc.oneof(
      fc.uint8Array({ minLength: 128, maxLength: 128 }),
      fc.uint8Array({ maxLength: 200 }),
      fc.tuple(fc.nat(127), fc.nat(255)).map(([at, byte]) => patched(at, Uint8Array.of(byte))),
    )
    const names = ['merkleRoot', 'epoch', 'shareX', 'shareY', 'nullifier', 'rlnIdentifier'] as const
    const fields = fc.record({
      proof,
      merkleRoot: bytes,
      epoch: bytes,
      shareX: bytes,
      shareY: bytes,
      nullifier: bytes,
      rlnIdentifier: bytes,
    })
    fc.assert(
      fc.property(fields, fc.subarray([...names]), (given, kept) => {
        const some = Object.fromEntries(kept.map((name) => [name, given[name]]))
        const attempt: RateLimitProofFields = { ...FIELDS, proof: given.proof, ...some }
        try {
          const decoded = decodeRateLimitProof(attempt)
          expect(encodeProof(decodeProof(decoded.proof))).toEqual(attempt.proof) // one form for every proof
        } catch (error) {
          expect(error).toBeInstanceOf(ProofError)
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('when it must refuse', () => {
  const ORDER = toLittleEndian(FIELD)
  it.each<{ given: string; fields: Partial<RateLimitProofFields>; code: string }>([
    { given: 'no proof', fields: { proof: new Uint8Array() }, code: 'BAD_LENGTH' },
    { given: 'a proof of 129 bytes', fields: { proof: new Uint8Array(129) }, code: 'BAD_LENGTH' },
    { given: 'a root of 31 bytes', fields: { merkleRoot: new Uint8Array(31) }, code: 'BAD_LENGTH' },
    { given: 'an epoch of 8 bytes', fields: { epoch: new Uint8Array(8) }, code: 'BAD_LENGTH' },
    { given: 'no application', fields: { rlnIdentifier: new Uint8Array() }, code: 'BAD_LENGTH' },
    { given: 'a root that is not reduced', fields: { merkleRoot: ORDER }, code: 'OUT_OF_FIELD' },
    { given: 'an x that is not reduced', fields: { shareX: ORDER }, code: 'OUT_OF_FIELD' },
    { given: 'a y that is not reduced', fields: { shareY: ORDER }, code: 'OUT_OF_FIELD' },
    { given: 'a nullifier that is not reduced', fields: { nullifier: ORDER }, code: 'OUT_OF_FIELD' },
    { given: 'x = 0', fields: { shareX: new Uint8Array(32) }, code: 'ZERO_X' },
  ])('given $given, answers $code', ({ fields, code }) => {
    expect(() => decodeRateLimitProof({ ...FIELDS, ...fields })).toThrow(expect.objectContaining({ code }))
  })

  const noRoot = [4n, 5n, 6n, 7n, 8n].find(
    (x) => Fp.pow(Fp.add(Fp.mul(Fp.sqr(x), x), 3n), (P - 1n) / 2n) !== 1n,
  )!
  it.each([
    {
      given: 'A at infinity',
      proof: patched(
        0,
        Uint8Array.from({ length: 32 }, (_, at) => (at === 31 ? 0x40 : 0)),
      ),
      point: 'A',
      reason: 'infinity',
    },
    { given: 'B at infinity', proof: patched(95, Uint8Array.of(0x40)), point: 'B', reason: 'infinity' },
    { given: 'C with both flags', proof: patched(127, Uint8Array.of(0xc0)), point: 'C', reason: 'infinity' },
    { given: 'A with x = p', proof: patched(0, toLittleEndian(P)), point: 'A', reason: 'not canonical' },
    { given: 'B with c0 = p', proof: patched(32, toLittleEndian(P)), point: 'B', reason: 'not canonical' },
    { given: 'B with c1 = p', proof: patched(64, toLittleEndian(P)), point: 'B', reason: 'not canonical' },
    {
      given: 'C with x above p',
      proof: patched(96, toLittleEndian(P + 5n)),
      point: 'C',
      reason: 'not canonical',
    },
    { given: 'A off the curve', proof: patched(0, toLittleEndian(noRoot)), point: 'A', reason: 'off curve' },
    { given: 'C off the curve', proof: patched(96, toLittleEndian(noRoot)), point: 'C', reason: 'off curve' },
    {
      given: 'B off the subgroup',
      proof: patched(32, outsideSubgroup()),
      point: 'B',
      reason: 'off subgroup',
    },
  ])('given $given, answers BAD_POINT', ({ proof, point, reason }) => {
    const detail = { code: 'BAD_POINT', point, reason }
    expect(() => decodeProof(proof)).toThrow(expect.objectContaining({ detail }))
    const decode = () => decodeRateLimitProof({ ...FIELDS, proof })
    // What takes square roots and multiplications to see is left to the verifier.
    if (reason.startsWith('off ')) expect(decode().proof).toEqual(proof)
    else expect(decode).toThrow(expect.objectContaining({ detail }))
  })

  it('refuses to encode what is not reduced', () => {
    const encode = () => encodeRateLimitProof({ ...SAMPLE, y: FIELD }, EPOCH, APPLICATION)
    expect(encode).toThrow(expect.objectContaining({ code: 'OUT_OF_FIELD' }))
  })
})
