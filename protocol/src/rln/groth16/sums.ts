import { type Engine, AFFINE, SCALAR } from './engine.ts'
import type { Point } from './group.ts'
import { splitSum } from './masking.ts'
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

/** The sum of one query over all its signals, or over those of `only` (ascending). Signals are secrets. */
export function sumQuery(engine: Engine, query: Query, witness: Witness, only?: Uint32Array): Point {
  const { group, points, signals } = query
  const chosen = only ? matches(signals, only) : signals.map((_, at) => at)
  const [count, size] = [chosen.length, AFFINE[group]]
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
    return splitSum(engine, group, { points: gathered, count }, scalars)
  })
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
