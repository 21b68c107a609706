import { bn254 } from '@noble/curves/bn254.js'
import {
  createVerifier,
  encodeProof,
  FIELD,
  packClaim,
  type Claim,
  type CompressedRlnProof,
  type RlnProof,
} from '@teahouse/protocol/rln'
import fc from 'fast-check'
import { groth16 } from 'snarkjs'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import {
  affine,
  coordinates,
  forSnarkjs,
  manyProofs,
  nobleVerifier,
  proofs,
  SIGNAL_NAMES,
  twistPointFrom,
  withAnotherRoot,
} from './support/proofs.ts'
import { artifacts, endWorkers } from './support/rln.ts'

const P = bn254.fields.Fp.ORDER
const G1 = bn254.G1.Point
const verifier = createVerifier(artifacts.vkey)
const byNoble = nobleVerifier(artifacts.vkey)
const good = proofs[0]!
const points = affine(good).proof

afterEach(() => vi.restoreAllMocks())
afterAll(async () => {
  await verifier.stop()
  await endWorkers()
})

const indices = (verdicts: readonly boolean[], of: boolean) =>
  verdicts.flatMap((held, at) => (held === of ? [at] : []))

describe('a batch', () => {
  it.each([1, 2, 20, 64, 128, 300])('of %i proofs that hold is accepted', async (count) => {
    expect(indices(await verifier.verifyBatch(manyProofs(count)), false)).toEqual([])
  })

  it('of none has no verdicts', async () => {
    expect(await verifier.verifyBatch([])).toEqual([])
  })

  it('may mix coordinates and compressed points', async () => {
    const mixed: Claim[] = [good, affine(proofs[1]!), proofs[2]!, affine(withAnotherRoot(proofs[3]!))]
    expect(await verifier.verifyBatch(mixed)).toEqual([true, true, true, false])
  })

  it('names each bad proof, however many there are and wherever they are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }).chain((count) =>
          fc.record({
            count: fc.constant(count),
            bad: fc.uniqueArray(fc.nat(count - 1), { maxLength: count }),
          }),
        ),
        async ({ count, bad }) => {
          const claims = manyProofs(count).map((claim, at) =>
            bad.includes(at) ? withAnotherRoot(claim) : claim,
          )
          const verdicts = await verifier.verifyBatch(claims)
          expect(indices(verdicts, false)).toEqual(bad.sort((x, y) => x - y))
        },
      ),
      { numRuns: 12 },
    )
  })

  it('finds bad proofs beyond what one equation takes', async () => {
    const claims = manyProofs(200).map((claim, at) =>
      at === 127 || at === 128 ? withAnotherRoot(claim) : claim,
    )
    expect(indices(await verifier.verifyBatch(claims), false)).toEqual([127, 128])
  })

  it('is not passed by proofs whose errors cancel', async () => {
    // C + D in one and C − D in the other: the plain product of the two equations would hold.
    const moved = (claim: CompressedRlnProof, sign: bigint): RlnProof => {
      const whole = affine(claim)
      const [x, y] = whole.proof.c
      const shift = G1.BASE.multiply(7n)
      const { x: cx, y: cy } = G1.fromAffine({ x, y })
        .add(sign > 0n ? shift : shift.negate())
        .toAffine()
      return { ...whole, proof: { ...whole.proof, c: [cx, cy] } }
    }
    for (let round = 0; round < 5; round++)
      expect(await verifier.verifyBatch([moved(proofs[0]!, 1n), moved(proofs[1]!, -1n)])).toEqual([
        false,
        false,
      ])
  })

  it('draws 128 fresh bits for each proof but the first, in every equation', async () => {
    const drawn: string[] = []
    const real = globalThis.crypto.getRandomValues.bind(globalThis.crypto)
    vi.spyOn(globalThis.crypto, 'getRandomValues').mockImplementation((array) => {
      const filled = real(array)
      drawn.push(
        ...(Buffer.from(filled as unknown as Uint8Array)
          .toString('hex')
          .match(/.{32}/g) ?? []),
      )
      return filled
    })
    await verifier.verifyBatch(manyProofs(16))
    await verifier.verifyBatch(manyProofs(16))
    expect(drawn).toHaveLength(30)
    await verifier.verifyBatch(manyProofs(8).map((claim, at) => (at === 7 ? withAnotherRoot(claim) : claim)))
    // 8 fail: 7 weights; the first half passes: 3; so the second is known to be bad, and its proofs alone need none.
    expect(drawn).toHaveLength(40)
    expect(new Set(drawn).size).toBe(40)
  })
})

describe('compared with others', { timeout: 120_000 }, () => {
  it('agrees with noble and snarkjs on real proofs', async () => {
    for (const claim of proofs.slice(0, 6)) {
      expect(await verifier.verify(claim)).toBe(true)
      expect(byNoble(affine(claim))).toBe(true)
      const { proof, publicSignals } = forSnarkjs(affine(claim))
      expect(await groth16.verify(artifacts.vkey, publicSignals, proof)).toBe(true)
    }
  })

  it('agrees with noble and snarkjs on tampered ones', async () => {
    const value = fc.bigInt({ min: 1n, max: FIELD - 1n })
    const change = fc.oneof(
      fc
        .record({ name: fc.constantFrom(...SIGNAL_NAMES), value })
        .map(({ name, value: to }) => (claim: RlnProof): RlnProof => ({ ...claim, [name]: to })),
      fc
        .record({ at: fc.constantFrom('a', 'c'), value })
        .map(({ at, value: factor }) => (claim: RlnProof) => {
          const { x, y } = G1.BASE.multiply(factor).toAffine()
          return { ...claim, proof: { ...claim.proof, [at]: [x, y] } }
        }),
      value.map((factor) => (claim: RlnProof) => {
        const b = coordinates(bn254.G2.Point.BASE.multiply(factor))
        return { ...claim, proof: { ...claim.proof, b } }
      }),
      fc.constant(malleated),
      fc.constant((claim: RlnProof) => claim),
    )
    await fc.assert(
      fc.asyncProperty(fc.nat(proofs.length - 1), change, async (at, tamper) => {
        const claim = tamper(affine(proofs[at]!))
        const { proof, publicSignals } = forSnarkjs(claim)
        const held = await verifier.verify(claim)
        expect(held).toBe(byNoble(claim))
        expect(held).toBe(await groth16.verify(artifacts.vkey, publicSignals, proof))
      }),
      { numRuns: 25 },
    )
  })
})

describe('a proof made from another one', () => {
  it('holds if both A and B are negated, as in every Groth16: it says the same, in the same slot', async () => {
    const again = malleated(affine(good))
    expect(encodeProof(again.proof)).not.toEqual(good.proof)
    expect(await verifier.verify(again)).toBe(true)
  })
})

describe('when it must refuse', () => {
  const bytes = (at: number, change: (byte: number) => number): CompressedRlnProof => ({
    ...good,
    proof: good.proof.map((byte, index) => (index === at ? change(byte) : byte)),
  })
  const withPoints = (change: Partial<RlnProof['proof']>): RlnProof => ({
    ...good,
    proof: { ...points, ...change },
  })
  const outside = coordinates(twistPointFrom(1n))
  const swap = ([first, second]: readonly [bigint, bigint]): [bigint, bigint] => [second, first]

  const bad: { given: string; claim: Claim }[] = [
    ...SIGNAL_NAMES.flatMap((name) => [
      { given: `another ${name}`, claim: { ...good, [name]: good[name] ^ 1n } },
      { given: `a ${name} + r`, claim: { ...good, [name]: good[name] + FIELD } },
      { given: `a ${name} − r`, claim: { ...good, [name]: good[name] - FIELD } },
      { given: `a ${name} of 2^256`, claim: { ...good, [name]: 1n << 256n } },
    ]),
    { given: 'x = 0', claim: { ...good, x: 0n } },
    { given: 'no proof', claim: { ...good, proof: new Uint8Array() } },
    { given: 'a proof of zeros', claim: { ...good, proof: new Uint8Array(128) } },
    { given: 'a proof of ones', claim: { ...good, proof: new Uint8Array(128).fill(255) } },
    { given: 'a proof of 127 bytes', claim: { ...good, proof: good.proof.subarray(1) } },
    { given: 'a proof of 129 bytes', claim: { ...good, proof: new Uint8Array([...good.proof, 0]) } },
    { given: 'A negated', claim: bytes(31, (byte) => byte ^ 0x80) },
    { given: 'B negated', claim: bytes(95, (byte) => byte ^ 0x80) },
    { given: 'C negated', claim: bytes(127, (byte) => byte ^ 0x80) },
    { given: 'A at infinity', claim: bytes(31, (byte) => byte | 0x40) },
    { given: 'B at infinity', claim: bytes(95, (byte) => byte | 0x40) },
    { given: 'C at infinity', claim: bytes(127, (byte) => byte | 0x40) },
    { given: 'A at the origin', claim: withPoints({ a: [0n, 0n] }) },
    { given: 'C at the origin', claim: withPoints({ c: [0n, 0n] }) },
    {
      given: 'B at the origin',
      claim: withPoints({
        b: [
          [0n, 0n],
          [0n, 0n],
        ],
      }),
    },
    { given: 'an A that is not canonical', claim: withPoints({ a: [points.a[0] + P, points.a[1]] }) },
    { given: 'a negative coordinate', claim: withPoints({ c: [points.c[0] - P, points.c[1]] }) },
    { given: 'A off the curve', claim: withPoints({ a: [points.a[0], points.a[1] ^ 1n] }) },
    { given: 'A with coordinates swapped', claim: withPoints({ a: swap(points.a) }) },
    { given: 'B off the curve', claim: withPoints({ b: [points.b[0], [1n, 2n]] }) },
    { given: 'B with c0 and c1 swapped', claim: withPoints({ b: [swap(points.b[0]), swap(points.b[1])] }) },
    { given: 'B with x and y swapped', claim: withPoints({ b: [points.b[1], points.b[0]] }) },
    { given: 'B off the subgroup', claim: withPoints({ b: outside }) },
    {
      given: 'B off the subgroup, compressed',
      claim: { ...good, proof: encodeProof({ ...points, b: outside }) },
    },
    { given: 'A and C exchanged', claim: withPoints({ a: points.c, c: points.a }) },
    { given: 'the points of another proof', claim: { ...good, proof: proofs[1]!.proof } },
  ]

  it.each(bad)('$given: alone', async ({ claim }) => {
    expect(await verifier.verify(claim)).toBe(false)
  })

  it('all of these in one batch, and nothing else', async () => {
    const claims = bad.flatMap(({ claim }, at) => [claim, proofs[at % proofs.length]!])
    const verdicts = await verifier.verifyBatch(claims)
    expect(indices(verdicts, true)).toEqual(bad.map((_, at) => 2 * at + 1))
  })

  it('a claim out of form before anything is computed', () => {
    const unpacked = bad.filter(({ claim }) => packClaim(claim) === undefined).map(({ given }) => given)
    expect(unpacked).toContain('x = 0')
    expect(unpacked).toContain('B at infinity')
    expect(unpacked).toContain('a root + r')
    expect(unpacked).toContain('A off the curve')
    expect(unpacked).not.toContain('A negated')
  })

  it('everything, once stopped: VERIFIER_STOPPED', async () => {
    const stopped = createVerifier(artifacts.vkey)
    expect(await stopped.verify(good)).toBe(true)
    await stopped.stop()
    await expect(stopped.verify(good)).rejects.toMatchObject({ code: 'VERIFIER_STOPPED' })
    expect(await verifier.verify(good)).toBe(true)
  })
})

/** (−A, −B, C): anyone can make it of (A, B, C). */
function malleated(claim: RlnProof): RlnProof {
  const { a, b, c } = claim.proof
  const [y0, y1] = b[1]
  return { ...claim, proof: { a: [a[0], P - a[1]], b: [b[0], [P - y0, P - y1]], c } }
}
