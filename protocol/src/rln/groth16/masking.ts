import { mod, toLittleEndian } from '../field.ts'
import { randomScalar } from '../random.ts'
import { type Address, type Engine, type Group, JACOBIAN, SCALAR } from './engine.ts'
import { type Point, pointGroup } from './group.ts'

/** Affine points in the engine's memory, and how many scalars go with them. */
interface Terms {
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

/**
 * Σ scalars·points for scalars that are secret, in the engine's form: split at random into two shares, each of which is
 * uniform whatever the scalars are, so that neither sum shows anything of them.
 */
export function splitSum(engine: Engine, group: Group, terms: Terms, scalars: Address): Point {
  return engine.scoped(() => {
    const [share, rest] = [uniformScalars(engine, terms.count), engine.take(terms.count * SCALAR)]
    engine.subtractEach(rest, scalars, share, terms.count)
    const [sum, other] = [sumOf(engine, group, terms, share), sumOf(engine, group, terms, rest)]
    if (group === 'g1') engine.addG1(sum, sum, other)
    else engine.addG2(sum, sum, other)
    return engine.read(sum, JACOBIAN[group])
  })
}

/** Sums over the same points of G1, again and again. */
export interface MaskedSums {
  /** Draws another mask; costs a sum. */
  renew(): void
  /** Σ scalars·points for secret scalars in the engine's form. */
  sum(scalars: Address): Point
}

/**
 * Hides scalars h behind a random vector m whose sum M is known: Σ h·P = Σ (h − t·m)·P + t·M with a fresh t each time. What the
 * long sum works on is uniform whatever h is, and one mask serves many sums.
 */
export function maskedSums(engine: Engine, terms: Terms): MaskedSums {
  const { count } = terms
  const g1 = pointGroup(engine, 'g1')
  const mask = engine.take(count * SCALAR)
  let total: Point | undefined

  function renew(): Point {
    return engine.scoped(() => {
      const drawn = uniformScalars(engine, count)
      engine.write(mask, engine.read(drawn, count * SCALAR))
      return (total = engine.read(sumOf(engine, 'g1', terms, mask), JACOBIAN.g1))
    })
  }

  return {
    renew,
    sum(scalars) {
      const known = total ?? renew()
      const factor = randomScalar()
      const rest = engine.scoped(() => {
        const hidden = repeated(engine, factor, count)
        engine.multiplyEach(hidden, hidden, mask, count)
        engine.subtractEach(hidden, scalars, hidden, count)
        return engine.read(sumOf(engine, 'g1', terms, hidden), JACOBIAN.g1)
      })
      return g1.add(rest, g1.multiplySecret(known, factor))
    },
  }
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
