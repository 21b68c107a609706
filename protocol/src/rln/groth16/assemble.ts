import { mod } from '../field.ts'
import { randomScalar } from '../random.ts'
import type { Engine } from './engine.ts'
import { type Point, pointGroup } from './group.ts'
import type { Sums } from './sums.ts'
import type { ProvingKey } from './zkey.ts'

/** The points of a proof: A and C in G1, B in G2. */
export interface ProofPoints {
  readonly a: Point
  readonly b: Point
  readonly c: Point
}

/** Fresh random scalars that make a proof one of all that there are for its statement. */
export interface Blinding {
  readonly r: bigint
  readonly s: bigint
}

export const drawBlinding = (): Blinding => ({ r: randomScalar(), s: randomScalar() })

/** Makes proofs of their parts by the formulas of docs/proofs.md: the sums over the witness, and H. */
export function assembler(engine: Engine, key: ProvingKey) {
  const [g1, g2] = [pointGroup(engine, 'g1'), pointGroup(engine, 'g2')]
  const [alpha, beta1, delta1] = [key.alpha, key.beta1, key.delta1].map(g1.fromAffine) as [
    Point,
    Point,
    Point,
  ]
  const [beta2, delta2] = [key.beta2, key.delta2].map(g2.fromAffine) as [Point, Point]

  return function assemble(sums: Sums, quotient: Point, { r, s }: Blinding): ProofPoints {
    const a = g1.add(alpha, sums.a, g1.multiplySecret(delta1, r))
    const b = g2.add(beta2, sums.b2, g2.multiplySecret(delta2, s))
    const b1 = g1.add(beta1, sums.b1, g1.multiplySecret(delta1, s))
    const c = g1.add(
      ...[sums.c, quotient, g1.multiplySecret(a, s), g1.multiplySecret(b1, r)],
      g1.multiplySecret(delta1, -mod(r * s)),
    )
    return { a, b, c }
  }
}
