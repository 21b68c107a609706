// What a Groth16 prover on BN254 needs, without any allocation of its own but `take`. Addresses are in bytes.
import { Base, Extension } from './field'
import { addPoints, multiply, toAffine } from './curve'
import { multiplySecret } from './constant-time'
import { sumOfMultiples } from './msm'

export { mark, release, take } from './memory'
export { decodeCoordinates, decodeScalars, encodeCoordinates, encodeScalars } from './codec'
export { addRows, multiplyEach, powers, reverseBits, subtractEach, transform, transformReversed } from './ntt'

export function addG1(out: usize, p: usize, q: usize): void { addPoints<Base>(out, p, q) }
export function addG2(out: usize, p: usize, q: usize): void { addPoints<Extension>(out, p, q) }
export function multiplyG1(out: usize, p: usize, scalar: usize): void { multiply<Base>(out, p, scalar) }
export function multiplyG2(out: usize, p: usize, scalar: usize): void { multiply<Extension>(out, p, scalar) }
export function multiplySecretG1(out: usize, p: usize, scalar: usize): void { multiplySecret<Base>(out, p, scalar) }
export function multiplySecretG2(out: usize, p: usize, scalar: usize): void { multiplySecret<Extension>(out, p, scalar) }
export function toAffineG1(out: usize, p: usize): void { toAffine<Base>(out, p) }
export function toAffineG2(out: usize, p: usize): void { toAffine<Extension>(out, p) }
export function sumOfMultiplesG1(out: usize, points: usize, scalars: usize, n: i32): void { sumOfMultiples<Base>(out, points, scalars, n) }
export function sumOfMultiplesG2(out: usize, points: usize, scalars: usize, n: i32): void { sumOfMultiples<Extension>(out, points, scalars, n) }
