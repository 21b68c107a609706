import { bn254 } from '@noble/curves/bn254.js'
import { FIELD } from '@teahouse/protocol/rln'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { toLittleEndian } from '../../protocol/src/rln/field.ts'
import { compressG1, compressG2, decompressG1, decompressG2 } from '../../protocol/src/rln/points.ts'
import { type Heap, openHeap, SIZE } from '../../protocol/src/rln/verify/mcl.ts'
import { type PointReader, pointReader, twistConstants } from '../../protocol/src/rln/verify/points.ts'
import { COFACTOR, coordinates, type PointG2, twistPointFrom } from './support/proofs.ts'

const { Fp, Fp2 } = bn254.fields
const G2 = bn254.G2.Point
const P = Fp.ORDER
/** The parameter of the curve: p, r and the trace t are polynomials in it. */
const X = 4_965_661_367_192_848_881n
/** Primes that divide the cofactor: points of these orders are the likeliest to slip through a check. */
const SMALL_ORDERS = [10_069n, 5_864_401n, 1_875_725_156_269n]

let heap: Heap
let points: PointReader
let at: number
beforeAll(async () => {
  heap = await openHeap()
  points = pointReader(heap, twistConstants())
  at = heap.reserve(SIZE.g2)
})

/** A coordinate that was read, as a number. */
function readBack(address: number): bigint {
  const out = heap.reserve(32)
  const length = heap.mcl._mclBnFp_getLittleEndian(out, 32, address)
  return BigInt(`0x${Buffer.from(heap.read(out, length)).reverse().toString('hex') || '0'}`)
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

describe('decompression in mcl and in noble', () => {
  it('finds the same point of G1, or none', () => {
    fc.assert(
      fc.property(coordinate, flags, (x, flag) => {
        const bytes = withFlag(toLittleEndian(x), flag)
        const point = expected(() => decompressG1('A', bytes))
        expect(points.readG1(at, bytes)).toBe(point !== undefined)
        if (point) expect([readBack(at), readBack(at + SIZE.fp)]).toEqual(point)
      }),
      { numRuns: 400 },
    )
  })

  it('finds the same point of the twist, or none', () => {
    fc.assert(
      fc.property(coordinate, coordinate, flags, (c0, c1, flag) => {
        const bytes = withFlag(new Uint8Array([...toLittleEndian(c0), ...toLittleEndian(c1)]), flag)
        const point = expected(() => decompressG2('B', bytes))
        expect(points.readTwist(at, bytes)).toBe(point !== undefined)
        if (!point) return
        const read = [0, 1, 2, 3].map((part) => readBack(at + part * SIZE.fp))
        expect(read).toEqual(point.flat())
      }),
      { numRuns: 300 },
    )
  })

  it('agrees with what compression wrote', () => {
    const { x, y } = bn254.G1.Point.BASE.multiply(12_345n).toAffine()
    expect(points.readG1(at, compressG1([x, y]))).toBe(true)
    expect(readBack(at + SIZE.fp)).toBe(y)
  })
})

describe('the check of the subgroup', () => {
  const inSubgroup = (point: PointG2) => {
    expect(points.readTwist(at, compressG2(coordinates(point)))).toBe(true)
    return points.inSubgroup(at)
  }
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

  it('accepts nothing but the subgroup: the norm of its polynomial has only r in common with the order of the twist', () => {
    // (x + 1) + xψ + xψ² − 2xψ³ reduced by ψ² = tψ − p is a + bψ; a point it sends to zero has an order dividing the norm.
    const t = 6n * X * X + 1n
    const a = X + 1n - X * P + 2n * X * t * P
    const b = X + X * t - 2n * X * (t * t - P)
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
