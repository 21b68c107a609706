import { bn254 } from '@noble/curves/bn254.js'
import {
  createProver,
  createVerifier,
  decodeProof,
  decodeRateLimitProof,
  encodeProof,
  encodeRateLimitProof,
  epochBytes,
  externalNullifier,
  FIELD,
  type Groth16Proof,
  type RlnProof,
} from '@teahouse/protocol/rln'
import { groth16 } from 'snarkjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { artifacts, endWorkers, memberAt } from './support/rln.ts'

const P = bn254.fields.Fp.ORDER
const EPOCH = epochBytes(123n)
const APPLICATION = new Uint8Array(32).fill(9)
const { root, input } = memberAt(3)
const prover = createProver(artifacts)
const verifier = createVerifier(artifacts.vkey)
let made: RlnProof

beforeAll(async () => {
  const { path: _path, ...proved } = await prover.prove({
    ...input,
    messageId: 4,
    externalNullifier: externalNullifier(EPOCH, APPLICATION),
  })
  made = proved
}, 120_000)
afterAll(async () => {
  await prover.stop()
  await verifier.stop()
  await endWorkers()
})

/** The proof as snarkjs' own verifier takes it. */
function forSnarkjs({ proof: { a, b, c }, ...signals }: RlnProof) {
  const text = (values: readonly bigint[]) => values.map(String)
  const proof = {
    pi_a: [...text(a), '1'],
    pi_b: [text(b[0]), text(b[1]), ['1', '0']],
    pi_c: [...text(c), '1'],
    protocol: 'groth16',
    curve: 'bn128',
  }
  const { y, nullifier, x, externalNullifier: external } = signals
  return { proof, publicSignals: text([y, signals.root, nullifier, x, external]) }
}

const withProof = (change: Partial<Groth16Proof>): RlnProof => ({
  ...made,
  proof: { ...made.proof, ...change },
})
const swap = ([first, second]: readonly [bigint, bigint]): [bigint, bigint] => [second, first]

describe('a proof of the committed key', { timeout: 120_000 }, () => {
  it('verifies here and in snarkjs, under the member’s root', async () => {
    expect(made).toMatchObject({ root, x: input.x })
    expect(await verifier.verify(made)).toBe(true)
    const { proof, publicSignals } = forSnarkjs(made)
    expect(await groth16.verify(artifacts.vkey, publicSignals, proof)).toBe(true)
  })

  it('verifies after a trip over the wire', async () => {
    const decoded = decodeRateLimitProof(encodeRateLimitProof(made, EPOCH, APPLICATION))
    const { proof, ...signals } = made
    expect(decoded).toEqual({
      ...signals,
      proof: encodeProof(proof),
      epoch: 123n,
      rlnIdentifier: APPLICATION,
    })
    expect(decodeProof(decoded.proof)).toEqual(proof)
    expect(await verifier.verify(decoded)).toBe(true)
  })

  it('is made anew each time: two proofs of one statement cannot be linked by their points', async () => {
    const again = await prover.prove({ ...input, messageId: 4, externalNullifier: made.externalNullifier })
    expect(again.nullifier).toBe(made.nullifier)
    expect(again.proof.a).not.toEqual(made.proof.a)
  })

  it('is made while another prover of the process stops', async () => {
    const other = createProver(artifacts)
    expect((await other.prove(input)).root).toBe(root)
    const made = prover.prove(input)
    await other.stop()
    expect((await made).root).toBe(root)
  })

  it('is not waited for after an abort, and the prover goes on', async () => {
    const abort = new AbortController()
    const aborted = prover.prove(input, { signal: abort.signal })
    setTimeout(() => abort.abort('no longer needed'), 5)
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' })
    expect(await verifier.verify(await prover.prove(input))).toBe(true)
  })
})

describe('when a proof must be refused', () => {
  it.each(['y', 'root', 'nullifier', 'x', 'externalNullifier'] as const)(
    'with another %s',
    async (signal) => {
      expect(await verifier.verify({ ...made, [signal]: (made[signal] + 1n) % FIELD })).toBe(false)
      expect(await verifier.verify({ ...made, [signal]: 0n })).toBe(false)
    },
  )

  it.each(['y', 'root', 'nullifier', 'x', 'externalNullifier'] as const)(
    'with a %s that is not reduced',
    async (signal) => {
      expect(await verifier.verify({ ...made, [signal]: made[signal] + FIELD })).toBe(false)
      expect(await verifier.verify({ ...made, [signal]: made[signal] - FIELD })).toBe(false)
    },
  )

  it('with signals swapped', async () => {
    expect(await verifier.verify({ ...made, x: made.y, y: made.x })).toBe(false)
  })

  it.each<{ given: string; change: () => Partial<Groth16Proof> }>([
    { given: 'A of another proof', change: () => ({ a: made.proof.c }) },
    { given: 'A negated', change: () => ({ a: [made.proof.a[0], P - made.proof.a[1]] }) },
    { given: 'A at infinity', change: () => ({ a: [0n, 0n] }) },
    { given: 'C at infinity', change: () => ({ c: [0n, 0n] }) },
    {
      given: 'B at infinity',
      change: () => ({
        b: [
          [0n, 0n],
          [0n, 0n],
        ],
      }),
    },
    { given: 'A off the curve', change: () => ({ a: [made.proof.a[0], made.proof.a[1] + 1n] }) },
    { given: 'B off the curve', change: () => ({ b: [made.proof.b[0], [1n, 2n]] }) },
    {
      given: 'B with c0 and c1 swapped',
      change: () => ({ b: [swap(made.proof.b[0]), swap(made.proof.b[1])] }),
    },
    { given: 'B with x and y swapped', change: () => ({ b: [made.proof.b[1], made.proof.b[0]] }) },
    {
      given: 'a coordinate that is not reduced',
      change: () => ({ a: [made.proof.a[0] + P, made.proof.a[1]] }),
    },
    { given: 'a negative coordinate', change: () => ({ c: [made.proof.c[0] - P, made.proof.c[1]] }) },
    { given: 'B off the subgroup', change: () => ({ b: offSubgroup() }) },
    { given: 'B moved by a point of small order', change: () => ({ b: shifted(made.proof.b) }) },
  ])('with $given', async ({ change }) => {
    expect(await verifier.verify(withProof(change()))).toBe(false)
  })

  it('under another key', async () => {
    const [first, second, ...rest] = artifacts.vkey.IC
    const other = createVerifier({ ...artifacts.vkey, IC: [second, first, ...rest] })
    expect(await other.verify(made)).toBe(false)
  })
})

describe('when a verification key must be refused', () => {
  const key = artifacts.vkey
  it.each([
    { given: 'nothing', json: undefined, code: 'BAD_VERIFYING_KEY' },
    { given: 'γ = δ', json: { ...key, vk_delta_2: key.vk_gamma_2 }, code: 'BAD_VERIFYING_KEY' },
    { given: 'four inputs', json: { ...key, IC: key.IC.slice(1) }, code: 'BAD_VERIFYING_KEY' },
    { given: 'another curve', json: { ...key, curve: 'bls12381' }, code: 'BAD_VERIFYING_KEY' },
    { given: 'α off the curve', json: { ...key, vk_alpha_1: ['1', '3', '1'] }, code: 'BAD_POINT' },
    { given: 'α at infinity', json: { ...key, vk_alpha_1: ['0', '0', '1'] }, code: 'BAD_POINT' },
  ])('given $given, answers $code', ({ json, code }) => {
    expect(() => createVerifier(json)).toThrow(expect.objectContaining({ code }))
  })
})

type B = Groth16Proof['b']
const { Fp2 } = bn254.fields
const G2 = bn254.G2.Point
const coordinates = (point: InstanceType<typeof G2>): B => {
  const { x, y } = point.toAffine()
  return [
    [x.c0, x.c1],
    [y.c0, y.c1],
  ]
}

/** A point of the twist outside the subgroup of order r. */
function outside(): InstanceType<typeof G2> {
  for (let c0 = 1n; ; c0++) {
    const x = Fp2.create({ c0, c1: 0n })
    const square = Fp2.add(Fp2.mul(Fp2.sqr(x), x), G2.CURVE().b)
    if (Fp2.pow(square, (P * P - 1n) / 2n).c0 === 1n) return G2.fromAffine({ x, y: Fp2.sqrt(square) })
  }
}

function offSubgroup(): B {
  return coordinates(outside())
}

/** B plus a point that r does not send to zero: on the curve, and the pairing alone might not see it. */
function shifted([x, y]: B): B {
  const honest = G2.fromAffine({
    x: Fp2.create({ c0: x[0], c1: x[1] }),
    y: Fp2.create({ c0: y[0], c1: y[1] }),
  })
  const point = outside()
  const timesOrder = point.multiplyUnsafe(FIELD - 1n).add(point)
  return coordinates(honest.add(timesOrder))
}
