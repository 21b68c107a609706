import { type Engine, AFFINE, SCALAR } from './engine.ts'
import type { Point } from './group.ts'
import { drawMask, maskedSum, type Mask, type Terms } from './masking.ts'
import type { Witness } from './witness.ts'
import type { Query } from './zkey.ts'

/** Σ signal · point for each query of a key: the parts of a proof that are linear in the witness. */
export interface Sums {
  readonly a: Point
  readonly b1: Point
  readonly b2: Point
  readonly c: Point
}

export const QUERIES = ['a', 'b1', 'b2', 'c'] as const

/** Which signals of two witnesses differ, in ascending order. */
export function differing(one: Witness, other: Witness): Uint32Array {
  const [left, right] = [words(one), words(other)]
  const found: number[] = []
  for (let signal = 0; signal * 4 < left.length; signal++) {
    const at = signal * 4
    if (
      left[at] !== right[at] ||
      left[at + 1] !== right[at + 1] ||
      left[at + 2] !== right[at + 2] ||
      left[at + 3] !== right[at + 3]
    ) {
      found.push(signal)
    }
  }
  return Uint32Array.from(found)
}

const words = (witness: Witness) =>
  new BigUint64Array(witness.buffer, witness.byteOffset, witness.byteLength / 8)

/** one − other, signal by signal, as plain scalars. */
export function difference(engine: Engine, one: Witness, other: Witness): Witness {
  const count = one.length / 32
  return engine.scoped(() => {
    const [left, right] = [one, other].map((witness) => {
      const values = engine.take(count * SCALAR)
      engine.decodeScalars(values, engine.put(witness), count, 0)
      return values
    }) as [number, number]
    engine.subtractEach(left, left, right, count)
    const out = engine.take(count * 32)
    engine.encodeScalars(out, left, count)
    return engine.read(out, count * 32)
  })
}

/** Sums over one query of a key. Signals are secrets: every sum is masked. */
export interface QuerySums {
  /** Over all signals of a witness, or over those of `only` (ascending). The same `only` as last time is cheaper. */
  sum(witness: Witness, only?: Uint32Array): Point
}

export function querySums(engine: Engine, { group, points, signals }: Query): QuerySums {
  const size = AFFINE[group]
  let whole: Mask | undefined
  let part: { readonly only: Uint32Array; readonly mask: Mask } | undefined

  function maskOf(terms: Terms, only?: Uint32Array): Mask {
    if (!only) return (whole ??= drawMask(engine, group, terms))
    if (!part || !isSame(part.only, only)) part = { only, mask: drawMask(engine, group, terms) }
    return part.mask
  }

  return {
    sum(witness, only) {
      const chosen = only ? matches(signals, only) : signals.map((_, at) => at)
      const count = chosen.length
      return engine.scoped(() => {
        const plain = new Uint8Array(count * 32)
        const gathered = only ? engine.take(count * size) : points
        chosen.forEach((at, to) => {
          const signal = signals[at]!
          plain.set(witness.subarray(signal * 32, signal * 32 + 32), to * 32)
          if (only) engine.write(gathered + to * size, view(engine, points + at * size, size))
        })
        const scalars = engine.take(count * SCALAR)
        engine.decodeScalars(scalars, engine.put(plain), count, 0)
        const terms = { points: gathered, count }
        return maskedSum(engine, group, terms, scalars, maskOf(terms, only))
      })
    },
  }
}

const isSame = (one: Uint32Array, other: Uint32Array) =>
  one.length === other.length && one.every((value, at) => value === other[at])

/** Signals of either, in ascending order. */
export function union(one: Uint32Array, other: Uint32Array): Uint32Array {
  return Uint32Array.from(new Set([...one, ...other])).sort()
}

const view = (engine: Engine, at: number, length: number) => new Uint8Array(engine.memory.buffer, at, length)

/** Places in `signals` that hold a member of `only`; both ascend. */
function matches(signals: Uint32Array, only: Uint32Array): Uint32Array {
  const found: number[] = []
  for (let at = 0, next = 0; at < signals.length && next < only.length;) {
    if (signals[at]! < only[next]!) at++
    else if (signals[at]! > only[next]!) next++
    else {
      found.push(at)
      at++
      next++
    }
  }
  return Uint32Array.from(found)
}
