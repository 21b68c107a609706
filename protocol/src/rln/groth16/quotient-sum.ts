import type { Address, Engine } from './engine.ts'
import type { Point } from './group.ts'
import { drawMask, maskedSum } from './masking.ts'
import { type Quotient, quotient } from './quotient.ts'
import type { Witness } from './witness.ts'
import type { ProvingKey } from './zkey.ts'

/** The part H of a proof, which is quadratic in the witness. */
export interface QuotientSum {
  readonly quotient: Quotient
  /** Σ over values on the coset, masked. */
  over(values: Address): Point
  /** H of a witness. */
  of(witness: Witness): Point
}

export function quotientSum(engine: Engine, key: ProvingKey): QuotientSum {
  const h = quotient(engine, key)
  const terms = { points: key.h, count: key.domain }
  const mask = drawMask(engine, 'g1', terms)
  const over = (values: Address): Point => maskedSum(engine, 'g1', terms, values, mask)
  return {
    quotient: h,
    over,
    of: (witness) =>
      engine.scoped(() => {
        const { a, b } = h.rows(witness)
        const c = h.extend(h.product(a, b))
        return over(h.difference(h.product(h.extend(a), h.extend(b)), c))
      }),
  }
}
