import { FIELD, inverse, mod, toLittleEndian } from '../field.ts'
import { type Address, type Engine, SCALAR } from './engine.ts'
import type { Witness } from './witness.ts'
import type { ProvingKey } from './zkey.ts'

/** The values of A, B and C = A∘B on the odd coset, for a witness or a difference of witnesses. */
export interface Sides {
  readonly a: Address
  readonly b: Address
}

/**
 * Computes the quotient H = (A·B − C) / Z by its values on the odd coset of the domain, where Z is constant and part of the
 * key's points. All results lie in the engine's memory and end with the caller's scope.
 */
export interface Quotient {
  /** Rows of A and B on the domain for a vector of plain signals. */
  rows(signals: Witness): Sides
  /** Values on the domain to values on the coset, in place. */
  extend(values: Address): Address
  product(a: Address, b: Address): Address
  sum(a: Address, b: Address): Address
  difference(a: Address, b: Address): Address
}

/** The smallest non-residue of the scalar field, whose powers are snarkjs' roots of unity. */
const NON_RESIDUE = 5n
const TWO_ADICITY = 28n

export function quotient(engine: Engine, { domain, rows, signalCount }: ProvingKey): Quotient {
  const bytes = domain * SCALAR
  const log = BigInt(Math.log2(domain))
  const half = rootOfUnity(log + 1n)
  const root = mod(half * half)
  const forward = powers(engine, 1n, root, domain >> 1)
  const backward = powers(engine, 1n, inverse(root), domain >> 1)
  const shift = powers(engine, inverse(BigInt(domain)), half, domain)
  engine.reverseBits(shift, domain)

  const fresh = () => engine.put(new Uint8Array(bytes))
  return {
    rows(signals) {
      const [a, b] = [fresh(), fresh()]
      engine.scoped(() => {
        const values = engine.take(signalCount * SCALAR)
        engine.decodeScalars(values, engine.put(signals), signalCount, 0)
        engine.addRows(a, b, rows.at, rows.count, values)
      })
      return { a, b }
    },
    extend(values) {
      engine.transform(values, domain, backward)
      engine.multiplyEach(values, values, shift, domain)
      engine.transformReversed(values, domain, forward)
      return values
    },
    product(a, b) {
      const out = engine.take(bytes)
      engine.multiplyEach(out, a, b, domain)
      return out
    },
    sum(a, b) {
      const out = fresh()
      engine.subtractEach(out, out, b, domain)
      engine.subtractEach(out, a, out, domain)
      return out
    },
    difference(a, b) {
      const out = engine.take(bytes)
      engine.subtractEach(out, a, b, domain)
      return out
    },
  }
}

function rootOfUnity(log: bigint): bigint {
  let root = power(NON_RESIDUE, (FIELD - 1n) >> TWO_ADICITY)
  for (let step = TWO_ADICITY; step > log; step--) root = mod(root * root)
  return root
}

function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, base]
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = mod(result * square)
    square = mod(square * square)
  }
  return result
}

/** first · baseⁱ, in memory that stays. */
function powers(engine: Engine, first: bigint, base: bigint, count: number): Address {
  const out = engine.take(count * SCALAR)
  engine.scoped(() => {
    const values = engine.take(2 * SCALAR)
    const plain = engine.put(new Uint8Array([...toLittleEndian(first), ...toLittleEndian(base)]))
    engine.decodeScalars(values, plain, 2, 0)
    engine.powers(out, values, values + SCALAR, count)
  })
  return out
}
