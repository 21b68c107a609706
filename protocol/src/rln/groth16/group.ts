import { FIELD, mod, toLittleEndian } from '../field.ts'
import { type Address, AFFINE, type Engine, type Group as GroupName, JACOBIAN, SCALAR } from './engine.ts'

/** A point in the engine's Jacobian form, as a copy outside its memory. */
export type Point = Uint8Array

/** G1 or G2 on points outside the engine's memory; for a few operations, not for sums of thousands. */
export interface PointGroup {
  readonly zero: Point
  add(...points: readonly Point[]): Point
  subtract(p: Point, q: Point): Point
  /** Quick; the digits of the factor show in the time it takes. */
  multiply(p: Point, factor: bigint): Point
  /** For a factor that is a secret: the same operations on the same addresses whatever it is. */
  multiplySecret(p: Point, factor: bigint): Point
  fromAffine(at: Address): Point
  /** Coordinates, plain, 32 little-endian bytes each (G2: c0 before c1); all zero for infinity. */
  encode(p: Point): Uint8Array
  decode(bytes: Uint8Array): Point
}

const COORDINATES = { g1: 2, g2: 4 } as const

export function pointGroup(engine: Engine, name: GroupName): PointGroup {
  const [affine, jacobian, coordinates] = [AFFINE[name], JACOBIAN[name], COORDINATES[name]]
  const addAt = name === 'g1' ? engine.addG1 : engine.addG2
  const quick = name === 'g1' ? engine.multiplyG1 : engine.multiplyG2
  const constantTime = name === 'g1' ? engine.multiplySecretG1 : engine.multiplySecretG2
  const toAffine = name === 'g1' ? engine.toAffineG1 : engine.toAffineG2
  const one = engine.scoped(() => {
    const at = engine.take(SCALAR)
    engine.decodeCoordinates(at, engine.put(toLittleEndian(1n)), 1, 0)
    return engine.read(at, SCALAR)
  })
  const zero = new Uint8Array(jacobian)

  const add = (...points: readonly Point[]) =>
    engine.scoped(() => {
      const sum = engine.put(zero)
      for (const point of points) addAt(sum, sum, engine.put(point))
      return engine.read(sum, jacobian)
    })
  const multiplyBy = (by: typeof quick) => (p: Point, factor: bigint) =>
    engine.scoped(() => {
      const at = engine.put(p)
      by(at, at, engine.put(toLittleEndian(mod(factor))))
      return engine.read(at, jacobian)
    })
  const multiply = multiplyBy(quick)
  const raise = (bytes: Uint8Array): Point => {
    const point = new Uint8Array(jacobian)
    const isInfinity = bytes.subarray(affine / 2).every((byte) => byte === 0)
    if (isInfinity) return point
    point.set(bytes)
    point.set(one, affine)
    return point
  }

  return {
    zero,
    add,
    multiply,
    multiplySecret: multiplyBy(constantTime),
    subtract: (p, q) => add(p, multiply(q, FIELD - 1n)),
    fromAffine: (at) => raise(engine.read(at, affine)),
    encode: (p) =>
      engine.scoped(() => {
        const [at, bytes] = [engine.put(p), engine.take(32 * coordinates)]
        toAffine(at, at)
        engine.encodeCoordinates(bytes, at, coordinates)
        return engine.read(bytes, 32 * coordinates)
      }),
    decode: (bytes) =>
      raise(
        engine.scoped(() => {
          const at = engine.take(affine)
          engine.decodeCoordinates(at, engine.put(bytes), coordinates, 0)
          return engine.read(at, affine)
        }),
      ),
  }
}
