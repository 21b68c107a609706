import { bn254 } from '@noble/curves/bn254.js'
import { FIELD } from '@teahouse/protocol/rln'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { fromLittleEndian, toLittleEndian } from '../../protocol/src/rln/field.ts'
import { compressG1, compressG2 } from '../../protocol/src/rln/compress.ts'
import { decompressG1, decompressG2 } from '../../protocol/src/rln/points.ts'
import { openPairing, type Pairing, SIZE } from '../../protocol/src/rln/verify/pairing.ts'
import { LAMBDA } from '../../protocol/src/rln/verify/weights.ts'
import { COFACTOR, coordinates, type PointG2, twistPointFrom } from './support/proofs.ts'

const { Fp, Fp2 } = bn254.fields
const G1 = bn254.G1.Point
const G2 = bn254.G2.Point
const P = Fp.ORDER
/** The parameter of the curve: p, r and the trace t are polynomials in it. */
const X = 4_965_661_367_192_848_881n
/** Primes that divide the cofactor: points of these orders are the likeliest to slip through a check. */
const SMALL_ORDERS = [10_069n, 5_864_401n, 1_875_725_156_269n]

let pairing: Pairing
let bytesAt: number
let at: number
beforeAll(async () => {
  pairing = await openPairing()
  bytesAt = pairing.take(64)
  at = pairing.take(SIZE.g2)
})

/** Coordinates in memory as numbers. */
function readBack(address: number, count: number): bigint[] {
  const out = pairing.take(32 * count)
  pairing.encodeCoordinates(out, address, count)
  return Array.from({ length: count }, (_, part) => fromLittleEndian(pairing.read(out + 32 * part, 32)))
}

function readG1(bytes: Uint8Array, to = at): boolean {
  pairing.write(bytesAt, bytes)
  return pairing.readG1(to, bytesAt) === 1
}

function readTwist(bytes: Uint8Array, to = at): boolean {
  pairing.write(bytesAt, bytes)
  return pairing.readTwist(to, bytesAt) === 1
}

/** A Jacobian point in memory as noble has it. */
function jacobian(address: number): InstanceType<typeof G1> {
  const [x, y, z] = readBack(address, 3) as [bigint, bigint, bigint]
  if (z === 0n) return G1.ZERO
  const inverse = Fp.inv(z)
  return G1.fromAffine({ x: Fp.mul(x, Fp.pow(inverse, 2n)), y: Fp.mul(y, Fp.pow(inverse, 3n)) })
}

function putG1(point: InstanceType<typeof G1>): number {
  const { x, y } = point.toAffine()
  const out = pairing.take(SIZE.g1)
  expect(readG1(compressG1([x, y]), out)).toBe(true)
  return out
}

function putTwist(point: PointG2): number {
  const out = pairing.take(SIZE.g2)
  expect(readTwist(compressG2(coordinates(point)), out)).toBe(true)
  return out
}

/** The value of a product of pairings; says too which points of the twist are in the subgroup. */
function product(...list: [InstanceType<typeof G1>, PointG2][]): { value: number; closes: boolean[] } {
  const pairs = pairing.take(SIZE.pair * list.length)
  const point = pairing.take(SIZE.jacobian)
  list.forEach(([p, q], index) => {
    pairing.toJacobian(point, putG1(p))
    expect(pairing.setPair(pairs + SIZE.pair * index, point, putTwist(q))).toBe(1)
  })
  const value = pairing.take(SIZE.gt)
  pairing.millerLoop(value, pairs, list.length)
  const closes = list.map((_, index) => pairing.closes(pairs + SIZE.pair * index) === 1)
  pairing.finalExponentiation(value, value)
  return { value, closes }
}

const edges = [0n, 1n, 2n, (P - 1n) / 2n, (P + 1n) / 2n, P - 2n, P - 1n]
const coordinate = fc.oneof(fc.bigInt({ min: 0n, max: P - 1n }), fc.constantFrom(...edges))
const flags = fc.constantFrom(0, 0x80)
const expected = <T>(read: () => T): T | undefined => {
  try {
    return read()
  } catch {
    return undefined
  }
}
const withFlag = (bytes: Uint8Array, flag: number) =>
  bytes.map((byte, index) => (index === bytes.length - 1 ? byte | flag : byte))

describe('decompression here and in noble', () => {
  it('finds the same point of G1, or none', () => {
    fc.assert(
      fc.property(coordinate, flags, (x, flag) => {
        const bytes = withFlag(toLittleEndian(x), flag)
        const point = expected(() => decompressG1('A', bytes))
        expect(readG1(bytes)).toBe(point !== undefined)
        if (point) expect(readBack(at, 2)).toEqual(point)
      }),
      { numRuns: 1_000 },
    )
  })

  it('finds the same point of the twist, or none', () => {
    fc.assert(
      fc.property(coordinate, coordinate, flags, (c0, c1, flag) => {
        const bytes = withFlag(new Uint8Array([...toLittleEndian(c0), ...toLittleEndian(c1)]), flag)
        const point = expected(() => decompressG2('B', bytes))
        expect(readTwist(bytes)).toBe(point !== undefined)
        if (point) expect(readBack(at, 4)).toEqual(point.flat())
      }),
      { numRuns: 500 },
    )
  })
})

describe('multiples of points of G1', () => {
  const scalar = fc.oneof(
    fc.bigInt({ min: 0n, max: FIELD - 1n }),
    fc.constantFrom(
      0n,
      1n,
      2n,
      15n,
      16n,
      17n,
      31n,
      32n,
      FIELD - 1n,
      FIELD - 2n,
      FIELD >> 1n,
      (1n << 253n) - 1n,
    ),
  )
  const put = (value: bigint) => pairing.write(bytesAt, toLittleEndian(value))

  it('by any scalar from a table', () => {
    const point = G1.BASE.multiply(99n)
    const table = pairing.take(SIZE.table)
    pairing.makeTable(table, putG1(point))
    const sum = pairing.take(SIZE.jacobian)
    fc.assert(
      fc.property(scalar, (factor) => {
        pairing.toJacobian(sum, putG1(G1.BASE))
        put(factor)
        pairing.addMultiple(sum, table, bytesAt)
        expect(jacobian(sum).equals(G1.BASE.add(point.multiplyUnsafe(factor)))).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('by a + bλ', () => {
    expect((LAMBDA ** 2n + LAMBDA + 1n) % FIELD).toBe(0n)
    const half = fc.oneof(
      fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      fc.constantFrom(0n, 1n, (1n << 64n) - 1n),
    )
    const [a, b, out] = [pairing.take(32), pairing.take(32), pairing.take(SIZE.jacobian)]
    fc.assert(
      fc.property(half, half, fc.bigInt({ min: 1n, max: FIELD - 1n }), (first, second, of) => {
        const point = G1.BASE.multiply(of)
        pairing.write(a, toLittleEndian(first))
        pairing.write(b, toLittleEndian(second))
        pairing.weigh(out, putG1(point), a, b, 64)
        expect(jacobian(out).equals(point.multiplyUnsafe((first + second * LAMBDA) % FIELD))).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('of different weights differ: no a + bλ below 2^64 each is 0 mod r but 0', () => {
    // The shortest vector of { (a, b): a + bλ = 0 mod r } by Gauss' reduction; two weights with one value would differ by a shorter.
    let [u, v] = [
      [FIELD, 0n],
      [-LAMBDA, 1n],
    ] as [[bigint, bigint], [bigint, bigint]]
    const norm = ([x, y]: [bigint, bigint]) => x * x + y * y
    const dot = (x: [bigint, bigint], y: [bigint, bigint]) => x[0] * y[0] + x[1] * y[1]
    for (;;) {
      if (norm(u) < norm(v)) [u, v] = [v, u]
      const step = (2n * dot(u, v) + norm(v)) / (2n * norm(v))
      const next: [bigint, bigint] = [u[0] - step * v[0], u[1] - step * v[1]]
      if (norm(next) >= norm(u)) break
      u = next
    }
    expect((v[0] + v[1] * LAMBDA) % FIELD).toBe(0n)
    expect(norm(v)).toBeGreaterThan(2n << 128n)
  })
})

describe('the pairing', () => {
  const g = G2.BASE
  const scalar = fc.bigInt({ min: 1n, max: FIELD - 1n })
  const equal = (one: { value: number }, other: { value: number }) =>
    pairing.equal(one.value, other.value) === 1

  it('is bilinear and not degenerate', () => {
    fc.assert(
      fc.property(scalar, scalar, (a, b) => {
        const left = product([G1.BASE.multiply(a), g.multiply(b)])
        const right = product([G1.BASE.multiply((a * b) % FIELD), g])
        expect(equal(left, right)).toBe(true)
        expect(equal(left, product([G1.BASE.multiply(a), g.multiply(b === 1n ? 2n : b - 1n)]))).toBe(false)
      }),
      { numRuns: 10 },
    )
  })

  it('multiplies what pairs give, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(scalar, scalar), { minLength: 1, maxLength: 6 }), (factors) => {
        const sum = factors.reduce((total, [a, b]) => (total + a * b) % FIELD, 0n)
        if (sum === 0n) return
        const list = factors.map(([a, b]): [InstanceType<typeof G1>, PointG2] => [
          G1.BASE.multiply(a),
          g.multiply(b),
        ])
        expect(equal(product(...list), product([G1.BASE.multiply(sum), g]))).toBe(true)
      }),
      { numRuns: 10 },
    )
  })

  it('is noble’s, coefficient by coefficient', () => {
    fc.assert(
      fc.property(scalar, scalar, (a, b) => {
        const [p, q] = [G1.BASE.multiply(a), g.multiply(b)]
        const { c0, c1 } = bn254.pairing(p, q)
        const theirs = [c0.c0, c0.c1, c0.c2, c1.c0, c1.c1, c1.c2].flatMap((part) => [part.c0, part.c1])
        expect(readBack(product([p, q]).value, 12)).toEqual(theirs)
      }),
      { numRuns: 10 },
    )
  })
})

describe('the check of the subgroup', () => {
  const inSubgroup = (point: PointG2) => product([G1.BASE, point]).closes[0]!
  const outside = twistPointFrom(1n)

  it('holds for multiples of the generator', () => {
    for (const factor of [1n, 2n, 3n, X, FIELD - 1n, 0x1234_5678_9abc_defn])
      expect(inSubgroup(G2.BASE.multiply(factor)), String(factor)).toBe(true)
  })

  it.each([1n, 50n, 1_000n, P - 20_000n])('fails for a point whose order is large (from x = %s)', (c0) => {
    expect(inSubgroup(twistPointFrom(c0))).toBe(false)
  })

  it.each(SMALL_ORDERS)('fails for a point of order %s, alone and added to a good one', (order) => {
    const point = times(times(outside, FIELD), COFACTOR / order)
    expect(times(point, order).is0()).toBe(true)
    expect(point.is0()).toBe(false)
    expect(inSubgroup(point)).toBe(false)
    expect(inSubgroup(point.add(G2.BASE))).toBe(false)
    for (const multiple of [2n, 3n, order - 1n]) expect(inSubgroup(times(point, multiple))).toBe(false)
  })

  it('holds for a point that the cofactor has cleared', () => {
    expect(inSubgroup(times(outside, COFACTOR))).toBe(true)
  })

  it('tells which of many points is outside', () => {
    const good = G2.BASE.multiply(5n)
    const { closes } = product([G1.BASE, good], [G1.BASE, outside], [G1.BASE, good.negate()])
    expect(closes).toEqual([true, false, true])
  })

  it('accepts nothing but the subgroup: the norm of its polynomial has only r in common with the order of the twist', () => {
    // (6x + 2) + ψ − ψ² + ψ³ reduced by ψ² = tψ − p is a + bψ; a point it sends to zero has an order dividing the norm.
    const t = 6n * X * X + 1n
    const a = 6n * X + 2n + P - t * P
    const b = 1n - t + t * t - P
    const norm = a * a + a * b * t + b * b * P
    expect(gcd(norm, FIELD * COFACTOR)).toBe(FIELD)
    expect(36n * X ** 4n + 36n * X ** 3n + 24n * X ** 2n + 6n * X + 1n).toBe(P)
    expect(P + 1n - t).toBe(FIELD)
  })

  it('is about the right twist: its order is r·(2p − r)', () => {
    for (const c0 of [1n, 2n, 30n]) expect(times(times(twistPointFrom(c0), FIELD), COFACTOR).is0()).toBe(true)
    expect(SMALL_ORDERS.every((order) => COFACTOR % order === 0n)).toBe(true)
    expect(Fp2.ORDER).toBe(P * P)
  })
})

/** Multiplies without taking the order of the point for r. */
function times(point: PointG2, factor: bigint): PointG2 {
  let sum = G2.ZERO
  for (const bit of factor.toString(2)) {
    sum = sum.double()
    if (bit === '1') sum = sum.add(point)
  }
  return sum
}

function gcd(first: bigint, second: bigint): bigint {
  let [x, y] = [first < 0n ? -first : first, second]
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}
