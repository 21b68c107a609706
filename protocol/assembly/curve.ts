// Points of y² = x³ + b in Jacobian coordinates, (x, y, z) for (x/z², y/z³). Infinity has z = 0 in every byte; an
// affine point is (x, y) with y = 0 in every byte for infinity. No point of either group has y = 0: their orders are odd.
import { add, invert, isBlank, isZero, mul, setOne, size, square, sub } from './field'

const A: usize = memory.data(72)
const B: usize = memory.data(72)
const C: usize = memory.data(72)
const D: usize = memory.data(72)
const E: usize = memory.data(72)
const G: usize = memory.data(72)
const H: usize = memory.data(72)
const I: usize = memory.data(72)

/** dbl-2009-l. `out` may be `p`. */
export function double<F>(out: usize, p: usize): void {
  const n = size<F>()
  const x = p, y = p + n, z = p + 2 * n
  if (isBlank<F>(z)) return setInfinity<F>(out)
  square<F>(A, x)
  square<F>(B, y)
  square<F>(C, B)
  add<F>(D, x, B)
  square<F>(D, D)
  sub<F>(D, D, A)
  sub<F>(D, D, C)
  add<F>(D, D, D)
  add<F>(E, A, A)
  add<F>(E, E, A)
  square<F>(G, E)
  mul<F>(H, y, z)
  sub<F>(G, G, D)
  sub<F>(out, G, D)
  sub<F>(D, D, out)
  mul<F>(D, D, E)
  add<F>(C, C, C)
  add<F>(C, C, C)
  add<F>(C, C, C)
  sub<F>(out + n, D, C)
  add<F>(out + 2 * n, H, H)
}

/** add-2007-bl without its doubled factors. `out` may be an input. */
export function addPoints<F>(out: usize, p: usize, q: usize): void {
  const n = size<F>()
  const z1 = p + 2 * n, z2 = q + 2 * n
  if (isBlank<F>(z1)) return copyPoint<F>(out, q)
  if (isBlank<F>(z2)) return copyPoint<F>(out, p)
  square<F>(A, z1)
  square<F>(B, z2)
  mul<F>(C, p, B) // u1
  mul<F>(D, q, A) // u2
  mul<F>(E, p + n, z2)
  mul<F>(E, E, B) // s1
  mul<F>(G, q + n, z1)
  mul<F>(G, G, A) // s2
  sub<F>(D, D, C) // h
  sub<F>(G, G, E) // r
  if (isZero<F>(D)) return isZero<F>(G) ? double<F>(out, p) : setInfinity<F>(out)
  mul<F>(H, z1, z2)
  mul<F>(out + 2 * n, H, D)
  finish<F>(out)
}

/** Adds an affine point to a Jacobian one (madd). `out` may be `p`. */
export function addAffine<F>(out: usize, p: usize, q: usize): void {
  const n = size<F>()
  const z1 = p + 2 * n
  if (isBlank<F>(q + n)) return copyPoint<F>(out, p)
  if (isBlank<F>(z1)) {
    memory.copy(out, q, 2 * n)
    return setOne<F>(out + 2 * n)
  }
  square<F>(A, z1)
  mul<F>(D, q, A) // u2
  mul<F>(G, q + n, z1)
  mul<F>(G, G, A) // s2
  memory.copy(C, p, n) // u1
  memory.copy(E, p + n, n) // s1
  sub<F>(D, D, C) // h
  sub<F>(G, G, E) // r
  if (isZero<F>(D)) return isZero<F>(G) ? double<F>(out, p) : setInfinity<F>(out)
  mul<F>(out + 2 * n, z1, D)
  finish<F>(out)
}

/** x and y of a sum from u1 (C), s1 (E), h (D) and r (G): x = r² − h³ − 2·u1·h², y = r·(u1·h² − x) − s1·h³. */
function finish<F>(out: usize): void {
  square<F>(H, D) // h²
  mul<F>(I, H, D) // h³
  mul<F>(H, H, C) // u1·h²
  square<F>(A, G)
  sub<F>(A, A, I)
  sub<F>(A, A, H)
  sub<F>(out, A, H)
  sub<F>(H, H, out)
  mul<F>(H, H, G)
  mul<F>(I, I, E)
  sub<F>(out + size<F>(), H, I)
}

export function setInfinity<F>(out: usize): void {
  memory.fill(out, 0, 3 * size<F>())
}

export function copyPoint<F>(out: usize, p: usize): void {
  if (out !== p) memory.copy(out, p, 3 * size<F>())
}

const SUM: usize = memory.data(216)
const MULTIPLES: usize = memory.data(3456)

/** `scalar` times `p`, four bits at a time; the scalar is 32 plain bytes. Its digits show in the time this takes. */
export function multiply<F>(out: usize, p: usize, scalar: usize): void {
  const n = size<F>() * 3
  setInfinity<F>(MULTIPLES)
  for (let at: usize = 1; at < 16; at++) addPoints<F>(MULTIPLES + at * n, MULTIPLES + (at - 1) * n, p)
  setInfinity<F>(SUM)
  for (let at: i32 = 63; at >= 0; at--) {
    for (let bit = 0; bit < 4; bit++) double<F>(SUM, SUM)
    const digit = (<u32>load<u8>(scalar + (at >> 1)) >> ((at & 1) << 2)) & 15
    if (digit !== 0) addPoints<F>(SUM, SUM, MULTIPLES + <usize>digit * n)
  }
  copyPoint<F>(out, SUM)
}

/** Jacobian to affine. */
export function toAffine<F>(out: usize, p: usize): void {
  const n = size<F>()
  if (isBlank<F>(p + 2 * n)) {
    memory.fill(out, 0, 2 * n)
    return
  }
  invert<F>(A, p + 2 * n)
  square<F>(B, A)
  mul<F>(C, B, A)
  mul<F>(out, p, B)
  mul<F>(out + n, p + n, C)
}
