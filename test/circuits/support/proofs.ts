import { readFileSync } from 'node:fs'
import { bn254 } from '@noble/curves/bn254.js'
import { decodeProof, FIELD, type CompressedRlnProof, type RlnProof } from '@teahouse/protocol/rln'
import { z } from 'zod'

const hex = z.string().transform((text) => BigInt(text))
const Fixture = z.array(
  z.object({
    proof: z.string().transform((text) => new Uint8Array(Buffer.from(text, 'hex'))),
    y: hex,
    root: hex,
    nullifier: hex,
    x: hex,
    externalNullifier: hex,
  }),
)
const file = new URL('../../vectors/rln20-proofs.json', import.meta.url)

/** Real proofs of the committed key, compressed. See write-proofs.ts. */
export const proofs: readonly CompressedRlnProof[] = Fixture.parse(JSON.parse(readFileSync(file, 'utf8')))

/** The same with coordinates. */
export const affine = (claim: CompressedRlnProof): RlnProof => ({ ...claim, proof: decodeProof(claim.proof) })

/** `count` claims, the fixture's in turns. */
export const manyProofs = (count: number): CompressedRlnProof[] =>
  Array.from({ length: count }, (_, at) => proofs[at % proofs.length]!)

export const SIGNAL_NAMES = ['y', 'root', 'nullifier', 'x', 'externalNullifier'] as const

/** A claim that does not hold, though all its points and values are in form. */
export const withAnotherRoot = (claim: CompressedRlnProof): CompressedRlnProof => ({
  ...claim,
  root: (claim.root + 1n) % FIELD,
})

/** The proof as snarkjs' own verifier takes it. */
export function forSnarkjs({ proof: { a, b, c }, y, root, nullifier, x, externalNullifier }: RlnProof) {
  const text = (values: readonly bigint[]) => values.map(String)
  const proof = {
    pi_a: [...text(a), '1'],
    pi_b: [text(b[0]), text(b[1]), ['1', '0']],
    pi_c: [...text(c), '1'],
    protocol: 'groth16',
    curve: 'bn128',
  }
  return { proof, publicSignals: text([y, root, nullifier, x, externalNullifier]) }
}

const { Fp, Fp2, Fp12 } = bn254.fields
const { G1, G2 } = { G1: bn254.G1.Point, G2: bn254.G2.Point }
export type PointG2 = InstanceType<typeof G2>

interface Key {
  vk_alpha_1: readonly string[]
  vk_beta_2: readonly (readonly string[])[]
  vk_gamma_2: readonly (readonly string[])[]
  vk_delta_2: readonly (readonly string[])[]
  IC: readonly (readonly string[])[]
}

/** Another verifier, straight from the paper, on noble's pairing: slow, and independent of ours. */
export function nobleVerifier(key: Key): (claim: RlnProof) => boolean {
  const g1 = ([x, y]: readonly (string | bigint)[]) => G1.fromAffine({ x: BigInt(x!), y: BigInt(y!) })
  const fp2 = ([c0, c1]: readonly (string | bigint)[]) => Fp2.create({ c0: BigInt(c0!), c1: BigInt(c1!) })
  const g2 = ([x, y]: readonly (readonly (string | bigint)[])[]) => G2.fromAffine({ x: fp2(x!), y: fp2(y!) })
  const ic = key.IC.map(g1)
  return ({ proof, ...signals }) => {
    const [a, b, c] = [g1(proof.a), g2(proof.b), g1(proof.c)]
    try {
      for (const point of [a, b, c]) point.assertValidity()
    } catch {
      return false
    }
    if (!b.isTorsionFree()) return false
    const inputs = SIGNAL_NAMES.reduce(
      (sum, name, at) => sum.add(ic[at + 1]!.multiplyUnsafe(signals[name])),
      ic[0]!,
    )
    const product = bn254.pairingBatch([
      { g1: a, g2: b },
      { g1: inputs.negate(), g2: g2(key.vk_gamma_2) },
      { g1: c.negate(), g2: g2(key.vk_delta_2) },
      { g1: g1(key.vk_alpha_1).negate(), g2: g2(key.vk_beta_2) },
    ])
    return Fp12.eql(product, Fp12.ONE)
  }
}

/** The point of the twist with this x, or undefined if there is none; almost none is in the subgroup of order r. */
export function twistPoint(x: { c0: bigint; c1: bigint }): PointG2 | undefined {
  const square = Fp2.add(Fp2.mul(Fp2.sqr(x), x), G2.CURVE().b)
  try {
    return G2.fromAffine({ x, y: Fp2.sqrt(square) })
  } catch {
    return undefined
  }
}

/** The first point of the twist whose x is c0 or above it. */
export function twistPointFrom(c0: bigint): PointG2 {
  for (let at = c0; ; at++) {
    const found = twistPoint(Fp2.create({ c0: at, c1: 0n }))
    if (found) return found
  }
}

/** Coordinates as `Groth16Proof` has them. */
export function coordinates(point: PointG2): RlnProof['proof']['b'] {
  const { x, y } = point.toAffine()
  return [
    [x.c0, x.c1],
    [y.c0, y.c1],
  ]
}

/** Order of the twist over that of its subgroup: 2p − r. */
export const COFACTOR = 2n * Fp.ORDER - FIELD
