import { bn254 } from '@noble/curves/bn254.js'
import { isLargerFp2, LARGER_Y } from './compress.ts'
import { type PointFault, ProofError } from './errors.ts'
import { checkLength, fromLittleEndian, toLittleEndian } from './field.ts'
import type { Groth16Proof } from './proof.ts'

const { Fp, Fp2 } = bn254.fields
const G1 = bn254.G1.Point
const G2 = bn254.G2.Point
export type PointG1 = InstanceType<typeof G1>
export type PointG2 = InstanceType<typeof G2>

/** The bytes of a compressed proof: A 32, B 64, C 32. */
export const PROOF_BYTES = 128
/** Where a compressed proof has its coordinates, and the byte with the flags of the point. */
const COORDINATES = [
  ['A', 0, 31],
  ['B', 32, 95],
  ['B', 64, 95],
  ['C', 96, 127],
] as const

const INFINITY = 0x40
const FLAGS = LARGER_Y | INFINITY
const P_BYTES = toLittleEndian(Fp.ORDER)

/** Checks a proof's coordinates: canonical, finite, on the curve, in the subgroup. Throws ProofError BAD_POINT naming the point. */
export function checkPoints({ a, b, c }: Groth16Proof): void {
  pointG1('A', a)
  pointG2('B', b)
  pointG1('C', c)
}

/**
 * The checks of a compressed proof (A 32 bytes, B 64, C 32) that need no arithmetic: finite points, canonical
 * coordinates. Throws ProofError BAD_LENGTH or BAD_POINT.
 */
export function checkCompressed(proof: Uint8Array): void {
  checkLength('proof', proof, PROOF_BYTES)
  for (const [point, at, flagsAt] of COORDINATES) {
    if (flagsAt !== undefined && (proof[flagsAt]! & INFINITY) !== 0) throw fault(point, 'infinity')
    if (!isCanonical(proof, at, at + 31 === flagsAt ? ~FLAGS : 0xff)) throw fault(point, 'not canonical')
  }
}

/** Checks affine coordinates on G1 (whose cofactor is 1). Throws ProofError BAD_POINT. */
export function pointG1(point: string, [x, y]: readonly [bigint, bigint]): PointG1 {
  if (!Fp.isValid(x) || !Fp.isValid(y)) throw fault(point, 'not canonical')
  if (x === 0n && y === 0n) throw fault(point, 'infinity')
  if (!Fp.eql(Fp.sqr(y), cubicG1(x))) throw fault(point, 'off curve')
  return G1.fromAffine({ x, y })
}

/** Checks affine coordinates [x, y], each [c0, c1], on G2 and its subgroup. Throws ProofError BAD_POINT. */
export function pointG2(point: string, [x, y]: Groth16Proof['b']): PointG2 {
  if (![...x, ...y].every((part) => Fp.isValid(part))) throw fault(point, 'not canonical')
  if ([...x, ...y].every((part) => part === 0n)) throw fault(point, 'infinity')
  const affine = { x: Fp2.create({ c0: x[0], c1: x[1] }), y: Fp2.create({ c0: y[0], c1: y[1] }) }
  if (!Fp2.eql(Fp2.sqr(affine.y), cubicG2(affine.x))) throw fault(point, 'off curve')
  const checked = G2.fromAffine(affine)
  if (!checked.isTorsionFree()) throw fault(point, 'off subgroup')
  return checked
}

/** Coordinates of 32 compressed bytes, on the curve. Throws ProofError BAD_POINT. */
export function decompressG1(point: string, bytes: Uint8Array): [bigint, bigint] {
  const { larger, body } = readFlags(point, bytes)
  const x = readCoordinate(point, body)
  const y = root(point, () => Fp.sqrt(cubicG1(x)))
  return [x, y > Fp.neg(y) === larger ? y : Fp.neg(y)]
}

/** Coordinates of 64 compressed bytes, on the curve; its subgroup is not checked. Throws ProofError BAD_POINT. */
export function decompressG2(point: string, bytes: Uint8Array): Groth16Proof['b'] {
  const { larger, body } = readFlags(point, bytes)
  const c0 = readCoordinate(point, body.subarray(0, 32))
  const c1 = readCoordinate(point, body.subarray(32))
  const found = root(point, () => Fp2.sqrt(cubicG2(Fp2.create({ c0, c1 }))))
  const y = isLargerFp2([found.c0, found.c1]) === larger ? found : Fp2.neg(found)
  return [
    [c0, c1],
    [y.c0, y.c1],
  ]
}

type Fp2Element = ReturnType<typeof Fp2.create>

/** x³ + 3, the right side of G1's curve. */
export const cubicG1 = (x: bigint): bigint => Fp.add(Fp.mul(Fp.sqr(x), x), 3n)
/** x³ + b, the right side of the twist. */
export const cubicG2 = (x: Fp2Element): Fp2Element => Fp2.add(Fp2.mul(Fp2.sqr(x), x), G2.CURVE().b)

function readFlags(point: string, bytes: Uint8Array): { larger: boolean; body: Uint8Array } {
  const body = Uint8Array.from(bytes)
  const last = body[body.length - 1]!
  if ((last & INFINITY) !== 0) throw fault(point, 'infinity')
  body[body.length - 1] = last & ~FLAGS
  return { larger: (last & LARGER_Y) !== 0, body }
}

/** Whether the 32 little-endian bytes at `at` are below p; `mask` clears the flags of the last. */
function isCanonical(bytes: Uint8Array, at: number, mask: number): boolean {
  for (let index = 31; index >= 0; index--) {
    const byte = bytes[at + index]! & (index === 31 ? mask : 0xff)
    if (byte !== P_BYTES[index]!) return byte < P_BYTES[index]!
  }
  return false
}

function readCoordinate(point: string, bytes: Uint8Array): bigint {
  const value = fromLittleEndian(bytes)
  if (!Fp.isValid(value)) throw fault(point, 'not canonical')
  return value
}

function root<T>(point: string, take: () => T): T {
  try {
    return take()
  } catch (cause) {
    throw fault(point, 'off curve', cause)
  }
}

function fault(point: string, reason: PointFault, cause?: unknown): ProofError {
  const detail = { code: 'BAD_POINT', point, reason } as const
  return new ProofError(`Point ${point} is refused: ${reason}`, detail, { cause })
}
