import { bn254 } from '@noble/curves/bn254.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FIELD, fromLittleEndian, mod, toLittleEndian } from '../field.ts'
import { AFFINE, createEngine, JACOBIAN, SCALAR, type Group } from './engine.ts'
import { pointGroup } from './group.ts'

const engine = await createEngine()
const { Fp } = bn254.fields
const scalar = fc.oneof(
  fc.bigInt({ min: 0n, max: FIELD - 1n }),
  fc.constantFrom(
    0n,
    1n,
    2n,
    FIELD - 1n,
    FIELD - 2n,
    (FIELD - 1n) / 2n,
    2n ** 253n,
    2n ** 29n - 1n,
    2n ** 232n,
  ),
)
const join = (parts: readonly Uint8Array[]) => new Uint8Array(parts.flatMap((part) => [...part]))

type G1 = InstanceType<typeof bn254.G1.Point>
type G2 = InstanceType<typeof bn254.G2.Point>

/** noble's points as the engine takes them, and back. */
const codec = {
  g1: {
    base: bn254.G1.Point.BASE,
    zero: bn254.G1.Point.ZERO,
    bytes(point: G1): Uint8Array {
      if (point.is0()) return new Uint8Array(64)
      const { x, y } = point.toAffine()
      return join([x, y].map(toLittleEndian))
    },
  },
  g2: {
    base: bn254.G2.Point.BASE,
    zero: bn254.G2.Point.ZERO,
    bytes(point: G2): Uint8Array {
      if (point.is0()) return new Uint8Array(128)
      const { x, y } = point.toAffine()
      return join([x.c0, x.c1, y.c0, y.c1].map(toLittleEndian))
    },
  },
} as const

function sumOfMultiples(name: Group, points: readonly Uint8Array[], scalars: readonly bigint[]): Uint8Array {
  return engine.scoped(() => {
    const out = engine.take(JACOBIAN[name])
    const at = engine.take(AFFINE[name] * points.length)
    engine.decodeCoordinates(at, engine.put(join(points)), points.length * (name === 'g1' ? 2 : 4), 0)
    const factors = engine.put(join(scalars.map(toLittleEndian)))
    const sum = name === 'g1' ? engine.sumOfMultiplesG1 : engine.sumOfMultiplesG2
    sum(out, at, factors, points.length)
    return pointGroup(engine, name).encode(engine.read(out, JACOBIAN[name]))
  })
}

describe('scalars', () => {
  /** Runs `use` on the two scalars in the engine's form, and reads the result. */
  const compute = (a: bigint, b: bigint, use: (a: number, b: number) => void) =>
    engine.scoped(() => {
      const [at, bytes] = [engine.take(2 * SCALAR), engine.put(join([a, b].map(toLittleEndian)))]
      engine.decodeScalars(at, bytes, 2, 0)
      use(at, at + SCALAR)
      engine.encodeScalars(bytes, at, 1)
      return fromLittleEndian(engine.read(bytes, 32))
    })

  it('multiply, subtract and come back as they were, also in long chains', () => {
    fc.assert(
      fc.property(scalar, scalar, (a, b) => {
        expect(compute(a, b, () => undefined)).toBe(a)
        expect(compute(a, b, (x, y) => engine.multiplyEach(x, x, y, 1))).toBe(mod(a * b))
        expect(compute(a, b, (x, y) => engine.subtractEach(x, x, y, 1))).toBe(mod(a - b))
        const chain = (x: number, y: number) => {
          for (let i = 0; i < 20; i++) engine.subtractEach(x, y, x, 1)
          for (let i = 0; i < 20; i++) engine.multiplyEach(x, x, x, 1)
        }
        let expected = a
        for (let i = 0; i < 20; i++) expected = mod(b - expected)
        for (let i = 0; i < 20; i++) expected = mod(expected * expected)
        expect(compute(a, b, chain)).toBe(expected)
      }),
    )
  })
})

describe.each(['g1', 'g2'] as const)('%s', (name) => {
  const group = pointGroup(engine, name)
  const { base, zero } = codec[name]
  const bytes = (point: unknown) => codec[name].bytes(point as G1 & G2)
  const times = (k: bigint) => (k === 0n ? zero : base.multiply(k))

  it('adds as noble does: any points, doublings, opposites and infinity', () => {
    const one = fc.constantFrom(0n, 1n, 2n, 5n, FIELD - 1n, FIELD - 5n)
    fc.assert(
      fc.property(one, one, scalar, (a, b, k) => {
        const [p, q] = [bytes(times(a)), bytes(times(b))].map(group.decode) as [Uint8Array, Uint8Array]
        expect(group.encode(group.add(p, q))).toEqual(bytes(times(mod(a + b))))
        expect(group.encode(group.subtract(p, q))).toEqual(bytes(times(mod(a - b))))
        expect(group.encode(group.multiply(p, k))).toEqual(bytes(times(mod(a * k))))
        expect(group.encode(group.multiplySecret(p, k))).toEqual(bytes(times(mod(a * k))))
        const sum = group.add(group.multiply(p, k), q) // two Jacobian forms of many
        expect(group.encode(group.add(sum, sum))).toEqual(bytes(times(mod(2n * (a * k + b)))))
        expect(group.encode(group.multiplySecret(sum, b))).toEqual(bytes(times(mod(b * (a * k + b)))))
      }),
      { numRuns: 40 },
    )
  })

  it('sums multiples as noble does, whatever repeats, cancels or is infinity', () => {
    const few = fc.constantFrom(0n, 1n, 1n, 2n, 3n, FIELD - 1n, FIELD - 2n)
    const term = fc.record({ point: few, factor: fc.oneof(scalar, fc.constantFrom(0n, 1n, 1n, 7n)) })
    fc.assert(
      fc.property(fc.array(term, { minLength: 1, maxLength: 70 }), (terms) => {
        const expected = times(terms.reduce((sum, { point, factor }) => mod(sum + point * factor), 0n))
        const points = terms.map(({ point }) => bytes(times(point)))
        const factors = terms.map(({ factor }) => factor)
        expect(sumOfMultiples(name, points, factors)).toEqual(bytes(expected))
      }),
      { numRuns: 40 },
    )
  })

  it('sums thousands, over more than one block of inversions', () => {
    const count = 3_000
    const points: Uint8Array[] = []
    let [point, expected] = [base, 0n]
    const factors = Array.from({ length: count }, (_, at) => mod(BigInt(at + 3) ** 33n))
    for (let at = 0; at < count; at++) {
      points.push(bytes(point))
      expected = mod(expected + BigInt(at + 1) * factors[at]!)
      point = point.add(base as never)
    }
    expect(sumOfMultiples(name, points, factors)).toEqual(bytes(times(expected)))
  })
})

describe('memory', () => {
  it('is given back after each scope, wiped', () => {
    const before = engine.mark()
    const at = engine.scoped(() => engine.put(Uint8Array.of(1, 2, 3)))
    expect(engine.mark()).toBe(before)
    expect(engine.read(at, 3)).toEqual(new Uint8Array(3))
  })

  it('is given back when a task throws', () => {
    const before = engine.mark()
    expect(() =>
      engine.scoped(() => {
        engine.take(1_000)
        throw new RangeError()
      }),
    ).toThrow(RangeError)
    expect(engine.mark()).toBe(before)
  })

  it('holds coordinates below the prime', () => {
    const group = pointGroup(engine, 'g1')
    const bytes = group.encode(group.multiply(group.decode(codec.g1.bytes(codec.g1.base)), FIELD - 1n))
    expect(fromLittleEndian(bytes.subarray(32))).toBe(Fp.ORDER - 2n)
  })
})
