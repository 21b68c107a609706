import { ProofError } from '../errors.ts'
import { fromLittleEndian } from '../field.ts'
import { assembler, drawBlinding } from './assemble.ts'
import { createEngine } from './engine.ts'
import { pointGroup } from './group.ts'
import { quotientSum } from './quotient-sum.ts'
import { QUERIES, querySums, type Sums } from './sums.ts'
import { type CircuitInput, witnessCalculator } from './witness.ts'
import { readProvingKey } from './zkey.ts'

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
  const h = quotientSum(engine, key)
  const assemble = assembler(engine, key)
  const overQueries = QUERIES.map((name) => [name, querySums(engine, key.queries[name])] as const)
  const [g1, g2] = [pointGroup(engine, 'g1'), pointGroup(engine, 'g2')]

  return (input) => {
    const witness = calculate(input)
    if (witness.length !== key.signalCount * 32) {
      throw new ProofError('The circuit and its key do not belong together', { code: 'PROVING_FAILED' })
    }
    const sums = overQueries.map(([name, over]) => [name, over.sum(witness)] as const)
    const points = assemble(Object.fromEntries(sums) as unknown as Sums, h.of(witness), drawBlinding())
    const signals = Array.from({ length: key.publicCount }, (_, at) =>
      fromLittleEndian(witness.subarray((at + 1) * 32, (at + 2) * 32)),
    )
    return { a: g1.encode(points.a), b: g2.encode(points.b), c: g1.encode(points.c), signals }
  }
}
