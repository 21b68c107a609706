// scalar · point without a branch or an address that depends on the scalar: complete additions (Renes, Costello and Batina,
// eprint 2015/1060, algorithm 7) in projective coordinates, (x, y, z) for (x/z, y/z), and tables that are read as a whole.
import { add, isBlank, isZero, mul, setOne, size, square, sub } from './field'
import { setInfinity } from './curve'
import { TWIST_3B } from './generated/pairing'

const T0: usize = memory.data(72)
const T1: usize = memory.data(72)
const T2: usize = memory.data(72)
const T3: usize = memory.data(72)
const T4: usize = memory.data(72)
const X: usize = memory.data(72)
const Y: usize = memory.data(72)
const SUM: usize = memory.data(216)
const CHOSEN: usize = memory.data(216)
const MULTIPLES: usize = memory.data(3456)

/** Any two points, infinity among them, by the same operations. `out` may be an input. */
function addComplete<F>(out: usize, p: usize, q: usize): void {
  const n = size<F>()
  const py = p + n, pz = p + 2 * n, qy = q + n, qz = q + 2 * n
  mul<F>(T0, p, q)
  mul<F>(T1, py, qy)
  mul<F>(T2, pz, qz)
  crossed<F>(T3, p, py, q, qy, T0, T1)
  crossed<F>(T4, py, pz, qy, qz, T1, T2)
  crossed<F>(Y, p, pz, q, qz, T0, T2)
  add<F>(X, T0, T0)
  add<F>(T0, X, T0)
  timesThreeB<F>(T2, T2)
  timesThreeB<F>(Y, Y)
  add<F>(X, T1, T2) // z before its last steps
  sub<F>(T1, T1, T2)
  mul<F>(T2, T3, T1)
  mul<F>(out, T4, Y)
  sub<F>(out, T2, out)
  mul<F>(Y, Y, T0)
  mul<F>(T1, T1, X)
  add<F>(out + n, T1, Y)
  mul<F>(T0, T0, T3)
  mul<F>(X, X, T4)
  add<F>(out + 2 * n, X, T0)
}

/** out = a·d + b·c of (a + b)·(c + d) − ac − bd. */
// @ts-ignore: decorator
@inline function crossed<F>(out: usize, a: usize, b: usize, c: usize, d: usize, ac: usize, bd: usize): void {
  add<F>(out, a, b)
  add<F>(X, c, d)
  mul<F>(out, out, X)
  add<F>(X, ac, bd)
  sub<F>(out, out, X)
}

/** Three times the curve's constant: 9 for G1. */
function timesThreeB<F>(out: usize, a: usize): void {
  if (sizeof<F>() != 1) return mul<F>(out, a, TWIST_3B)
  add<F>(X, a, a)
  add<F>(X, X, X)
  add<F>(X, X, X)
  add<F>(out, X, a)
}

/** Reads all 16 points and keeps the one with this number. */
function choose<F>(digit: u32): void {
  const bytes = size<F>() * 3
  for (let word: usize = 0; word < bytes; word += 4) {
    let kept: u32 = 0
    for (let at: u32 = 0; at < 16; at++) {
      const mask = <u32>(<i32>((digit ^ at) - 1) >> 31)
      kept |= load<u32>(MULTIPLES + <usize>at * bytes + word) & mask
    }
    store<u32>(CHOSEN + word, kept)
  }
}

/** Writes `out` = scalar · p in Jacobian coordinates, like `p`; the scalar is 32 plain bytes. */
export function multiplySecret<F>(out: usize, p: usize, scalar: usize): void {
  const n = size<F>(), bytes = n * 3
  if (isBlank<F>(p + 2 * n)) return setInfinity<F>(out)
  setInfinity<F>(MULTIPLES)
  setOne<F>(MULTIPLES + n)
  const first = MULTIPLES + bytes
  mul<F>(first, p, p + 2 * n)
  memory.copy(first + n, p + n, n)
  square<F>(T0, p + 2 * n)
  mul<F>(first + 2 * n, T0, p + 2 * n)
  for (let at: usize = 2; at < 16; at++) addComplete<F>(MULTIPLES + at * bytes, MULTIPLES + (at - 1) * bytes, first)

  memory.copy(SUM, MULTIPLES, bytes)
  for (let at: i32 = 63; at >= 0; at--) {
    for (let bit = 0; bit < 4; bit++) addComplete<F>(SUM, SUM, SUM)
    choose<F>((<u32>load<u8>(scalar + (at >> 1)) >> ((at & 1) << 2)) & 15)
    addComplete<F>(SUM, SUM, CHOSEN)
  }

  if (isZero<F>(SUM + 2 * n)) return setInfinity<F>(out)
  mul<F>(out, SUM, SUM + 2 * n)
  square<F>(T0, SUM + 2 * n)
  mul<F>(out + n, SUM + n, T0)
  memory.copy(out + 2 * n, SUM + 2 * n, n)
}
