import { randomScalar } from '../proving/random.ts'
import { fromLittleEndian, mod } from '../field.ts'
import { ProofError } from '../errors.ts'
import { createEngine, type Engine } from './engine.ts'
import { pointGroup } from './group.ts'
import { type Quotient, quotient } from './quotient.ts'
import { QUERIES, sumAt, sumQuery, type Sums } from './sums.ts'
import { type CircuitInput, type Witness, witnessCalculator } from './witness.ts'
import { type ProvingKey, readProvingKey } from './zkey.ts'

/** A proof's points, affine, plain coordinates of 32 little-endian bytes each (G2: c0 before c1), and the public signals. */
export interface PlainProof {
  readonly a: Uint8Array
  readonly b: Uint8Array
  readonly c: Uint8Array
  readonly signals: readonly bigint[]
}

export type PlainProver = (input: CircuitInput) => PlainProof

/**
 * Loads any circuit and its key, to prove each witness from nothing: for circuits of which a user makes a proof now and then.
 * Throws ProofError PROVING_FAILED if one can't be used, and in a call if the circuit refuses the input.
 */
export async function createPlainProver({
  wasm,
  zkey,
}: {
  readonly wasm: Uint8Array
  readonly zkey: Uint8Array
}): Promise<PlainProver> {
  const engine = await createEngine()
  const calculate = await witnessCalculator(wasm)
  const key = readProvingKey(engine, zkey)
  const h = quotient(engine, key)
  const [g1, g2] = [pointGroup(engine, 'g1'), pointGroup(engine, 'g2')]
  const [delta1, delta2] = [g1.fromAffine(key.delta1), g2.fromAffine(key.delta2)]

  return (input) => {
    const witness = calculate(input)
    if (witness.length !== key.signalCount * 32) {
      throw new ProofError('The circuit and its key do not belong together', { code: 'PROVING_FAILED' })
    }
    const sums = Object.fromEntries(
      QUERIES.map((name) => [name, sumQuery(engine, key.queries[name], witness)]),
    ) as unknown as Sums
    const [r, s] = [randomScalar(), randomScalar()]
    const a = g1.add(g1.fromAffine(key.alpha), sums.a, g1.multiply(delta1, r))
    const b = g2.add(g2.fromAffine(key.beta2), sums.b2, g2.multiply(delta2, s))
    const b1 = g1.add(g1.fromAffine(key.beta1), sums.b1, g1.multiply(delta1, s))
    const c = g1.add(
      ...[sums.c, quotientPoint(engine, key, h, witness), g1.multiply(a, s), g1.multiply(b1, r)],
      g1.multiply(delta1, -mod(r * s)),
    )
    const signals = Array.from({ length: key.publicCount }, (_, at) =>
      fromLittleEndian(witness.subarray((at + 1) * 32, (at + 2) * 32)),
    )
    return { a: g1.encode(a), b: g2.encode(b), c: g1.encode(c), signals }
  }
}

/** The sum over the quotient of a witness by the values on the coset (quotient.ts). */
export function quotientPoint(engine: Engine, key: ProvingKey, h: Quotient, witness: Witness): Uint8Array {
  return engine.scoped(() => {
    const { a, b } = h.rows(witness)
    const c = h.extend(h.product(a, b))
    const values = h.difference(h.product(h.extend(a), h.extend(b)), c)
    return sumAt(engine, 'g1', { points: key.h, scalars: h.scalars(values), count: key.domain })
  })
}
