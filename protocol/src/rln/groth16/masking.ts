import { mod, toLittleEndian } from '../field.ts'
import { randomScalar } from '../random.ts'
import { type Address, type Engine, type Group, JACOBIAN, SCALAR } from './engine.ts'
import { type Point, pointGroup } from './group.ts'

/** Affine points in the engine's memory, and how many scalars go with them. */
export interface Terms {
  readonly points: Address
  readonly count: number
}

/** Writes Σ scalars·points; the scalars, in the engine's form, show in the time this takes. Returns the address of the sum. */
function sumOf(engine: Engine, group: Group, { points, count }: Terms, scalars: Address): Address {
  const out = engine.take(JACOBIAN[group])
  engine.scoped(() => {
    const plain = engine.take(count * 32)
    engine.encodeScalars(plain, scalars, count)
    if (group === 'g1') engine.sumOfMultiplesG1(out, points, plain, count)
    else engine.sumOfMultiplesG2(out, points, plain, count)
  })
  return out
}

/** A random scalar for each of some points, in the engine's form, and the sum of their multiples; a secret. */
export interface Mask {
  readonly scalars: Uint8Array
  readonly sum: Point
}

/** Costs a sum. */
export function drawMask(engine: Engine, group: Group, terms: Terms): Mask {
  return engine.scoped(() => {
    const scalars = uniformScalars(engine, terms.count)
    const sum = engine.read(sumOf(engine, group, terms, scalars), JACOBIAN[group])
    return { scalars: engine.read(scalars, terms.count * SCALAR), sum }
  })
}

/**
 * Σ h·P for scalars h that are secret, in the engine's form, behind a mask m with sum M: Σ (h − t·m)·P + t·M with a fresh t. What
 * the long sum works on is uniform whatever h is, so one mask of the same points serves many sums.
 */
export function maskedSum(engine: Engine, group: Group, terms: Terms, scalars: Address, mask: Mask): Point {
  const { count } = terms
  const { add, multiplySecret } = pointGroup(engine, group)
  const factor = randomScalar()
  const hidden = engine.scoped(() => {
    const values = repeated(engine, factor, count)
    engine.multiplyEach(values, values, engine.put(mask.scalars), count)
    engine.subtractEach(values, scalars, values, count)
    return engine.read(sumOf(engine, group, terms, values), JACOBIAN[group])
  })
  return add(hidden, multiplySecret(mask.sum, factor))
}

/** Most that the platform's random source gives at once, in bytes. */
const RANDOM_BYTES = 65_536
const TWO_256 = mod(1n << 256n)

/** `count` uniform scalars in the engine's form, from 512 random bits each. */
function uniformScalars(engine: Engine, count: number): Address {
  const out = engine.take(count * SCALAR)
  engine.scoped(() => {
    const [low, high] = [0, 1].map(() => {
      const bytes = new Uint8Array(count * 32)
      for (let at = 0; at < bytes.length; at += RANDOM_BYTES) {
        crypto.getRandomValues(bytes.subarray(at, at + RANDOM_BYTES))
      }
      const values = engine.take(count * SCALAR)
      engine.decodeScalars(values, engine.put(bytes), count, 0)
      return values
    }) as [Address, Address]
    engine.multiplyEach(high, high, repeated(engine, mod(-TWO_256), count), count)
    engine.subtractEach(out, low, high, count)
  })
  return out
}

/** The same scalar `count` times, in the engine's form. */
function repeated(engine: Engine, value: bigint, count: number): Address {
  const out = engine.take(count * SCALAR)
  engine.scoped(() => {
    const [factors, plain] = [
      engine.take(2 * SCALAR),
      engine.put(Uint8Array.from([...toLittleEndian(value), ...toLittleEndian(1n)])),
    ]
    engine.decodeScalars(factors, plain, 2, 0)
    engine.powers(out, factors, factors + SCALAR, count)
  })
  return out
}
