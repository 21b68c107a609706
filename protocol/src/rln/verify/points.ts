import { bn254 } from '@noble/curves/bn254.js'
import { toLittleEndian } from '../field.ts'
import { type Address, type Heap, SIZE } from './mcl.ts'

const { fp, fp2 } = SIZE
/** Bytes of a coordinate outside mcl. */
const COORDINATE = 32
const LARGER_Y = 0x80

/** The parameter x of BN254 as signed bits, highest first, without the leading 1: half of them are 0. */
const X_BITS = signedBits(4965661367192848881n).slice(1)

/** Reads compressed points into mcl's heap. */
export interface PointReader {
  /** Decompresses 32 canonical bytes to a point of G1, z = 1. False if x is not on the curve. */
  readG1(out: Address, bytes: Uint8Array): boolean
  /** Decompresses 64 canonical bytes to a point of the twist, z = 1. False if x is not on it. */
  readTwist(out: Address, bytes: Uint8Array): boolean
  /** Writes affine coordinates, which must have been checked. */
  putG1(out: Address, point: { x: bigint; y: bigint }): void
  putG2(out: Address, point: { x: Fp2Value; y: Fp2Value }): void
  /** Whether a point of the twist is in the subgroup of order r. */
  inSubgroup(point: Address): boolean
}

interface Fp2Value {
  readonly c0: bigint
  readonly c1: bigint
}

/**
 * What the reader needs of the field Fp2 = Fp(u): the twist's b, and the constants of ψ, the p-power map of the
 * untwisted curve brought to the twist: ψ(x, y) = (x̄·ξ^((p−1)/3), ȳ·ξ^((p−1)/2)), ξ = 9 + u.
 */
export interface TwistConstants {
  readonly b: Fp2Value
  readonly psiX: Fp2Value
  readonly psiY: Fp2Value
}

export function twistConstants(): TwistConstants {
  const { Fp, Fp2 } = bn254.fields
  const nonResidue = Fp2.create({ c0: 9n, c1: 1n })
  return {
    b: bn254.G2.Point.CURVE().b,
    psiX: Fp2.pow(nonResidue, (Fp.ORDER - 1n) / 3n),
    psiY: Fp2.pow(nonResidue, (Fp.ORDER - 1n) / 2n),
  }
}

/** Builds the reader; it keeps some scratch memory of the heap. */
export function pointReader(heap: Heap, twist: TwistConstants): PointReader {
  const { mcl } = heap
  const bytesAt = heap.reserve(COORDINATE)
  const one = constant(1n)
  const three = constant(3n)
  const b = constant2(twist.b)
  const psiX = constant2(twist.psiX)
  const psiY = constant2(twist.psiY)
  const [square, root] = [heap.reserve(fp2), heap.reserve(fp2)]
  const [xQ, left] = [heap.reserve(SIZE.g2), heap.reserve(SIZE.g2)]
  const [right, image] = [heap.reserve(SIZE.g2), heap.reserve(SIZE.g2)]

  function constant(value: bigint): Address {
    const at = heap.reserve(fp)
    put(at, toLittleEndian(value))
    return at
  }
  function constant2({ c0, c1 }: Fp2Value): Address {
    const at = heap.reserve(fp2)
    put(at, toLittleEndian(c0))
    put(at + fp, toLittleEndian(c1))
    return at
  }
  function put(out: Address, bytes: Uint8Array): void {
    heap.write(bytesAt, bytes)
    mcl._mclBnFp_setLittleEndian(out, bytesAt, COORDINATE)
  }
  function putBody(out: Address, bytes: Uint8Array): void {
    const body = Uint8Array.from(bytes)
    body[COORDINATE - 1]! &= ~LARGER_Y
    put(out, body)
  }
  const isLarger = (y: Address) => {
    const c1 = y + fp
    return mcl._mclBnFp_isNegative(mcl._mclBnFp_isZero(c1) === 1 ? y : c1) === 1
  }

  /** (x̄, ȳ, z̄) with x and y multiplied: ψ on any coordinates with z, since conjugation is a map of the field. */
  function psi(out: Address, point: Address): void {
    heap.copy(out, point, SIZE.g2)
    for (const at of [out, out + fp2, out + 2 * fp2]) mcl._mclBnFp_neg(at + fp, at + fp)
    mcl._mclBnFp2_mul(out, out, psiX)
    mcl._mclBnFp2_mul(out + fp2, out + fp2, psiY)
  }

  return {
    readG1(out, bytes) {
      const y = out + fp
      putBody(out, bytes)
      mcl._mclBnFp_sqr(square, out)
      mcl._mclBnFp_mul(square, square, out)
      mcl._mclBnFp_add(square, square, three)
      if (mcl._mclBnFp_squareRoot(y, square) !== 0) return false
      mcl._mclBnFp_sqr(root, y)
      if (mcl._mclBnFp_isEqual(root, square) !== 1) return false
      if ((mcl._mclBnFp_isNegative(y) === 1) !== ((bytes[31]! & LARGER_Y) !== 0)) mcl._mclBnFp_neg(y, y)
      heap.copy(out + 2 * fp, one, fp)
      return true
    },
    readTwist(out, bytes) {
      const y = out + fp2
      put(out, bytes.subarray(0, 32))
      putBody(out + fp, bytes.subarray(32))
      mcl._mclBnFp2_sqr(square, out)
      mcl._mclBnFp2_mul(square, square, out)
      mcl._mclBnFp2_add(square, square, b)
      if (mcl._mclBnFp2_squareRoot(y, square) !== 0) return false
      mcl._mclBnFp2_sqr(root, y)
      if (mcl._mclBnFp2_isEqual(root, square) !== 1) return false
      if (isLarger(y) !== ((bytes[63]! & LARGER_Y) !== 0)) mcl._mclBnFp2_neg(y, y)
      heap.copy(out + 2 * fp2, one, fp)
      heap.fill(out + 2 * fp2 + fp, fp)
      return true
    },
    putG1(out, { x, y }) {
      put(out, toLittleEndian(x))
      put(out + fp, toLittleEndian(y))
      heap.copy(out + 2 * fp, one, fp)
    },
    putG2(out, { x, y }) {
      ;[x.c0, x.c1, y.c0, y.c1].forEach((value, at) => put(out + at * fp, toLittleEndian(value)))
      heap.copy(out + 2 * fp2, one, fp)
      heap.fill(out + 2 * fp2 + fp, fp)
    },
    inSubgroup(point) {
      heap.copy(xQ, point, SIZE.g2)
      for (const bit of X_BITS) {
        mcl._mclBnG2_dbl(xQ, xQ)
        if (bit === 1) mcl._mclBnG2_add(xQ, xQ, point)
        if (bit === -1) mcl._mclBnG2_sub(xQ, xQ, point)
      }
      mcl._mclBnG2_add(left, xQ, point)
      psi(image, xQ)
      mcl._mclBnG2_add(left, left, image)
      psi(image, image)
      mcl._mclBnG2_add(left, left, image)
      psi(image, image)
      mcl._mclBnG2_dbl(right, image)
      return mcl._mclBnG2_isEqual(left, right) === 1
    },
  }
}

/** The non-adjacent form of `value`, highest digit first. */
function signedBits(value: bigint): number[] {
  const digits: number[] = []
  for (let rest = value; rest > 0n; rest >>= 1n) {
    const digit = (rest & 1n) === 0n ? 0 : (rest & 3n) === 1n ? 1 : -1
    digits.push(digit)
    rest -= BigInt(digit)
  }
  return digits.reverse()
}
