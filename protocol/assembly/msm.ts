// Σ scalar·point by Pippenger's buckets: signed windows, and additions in affine coordinates that share one inversion a
// block (Montgomery's trick). What scalars are shows in the time this takes.
import { add, invert, isBlank, isZero, mul, setOne, size, square, sub } from './field'
import { addAffine, addPoints, double, setInfinity } from './curve'
import { FP_ZERO, fpSub } from './generated/field'
import { mark, release, take } from './memory'

const SCALAR_BITS = 254
/** Additions that share an inversion. */
const BLOCK = 1024
/** What adding a bucket to the running sums costs, in affine additions. */
const BUCKET_COST = 4

/** The width of a window with the fewest operations for `n` points. */
function windowBits(n: i32): i32 {
  let best = 2, least = i64.MAX_VALUE
  for (let bits = 2; bits <= 13; bits++) {
    const cost = <i64>windowCount(bits) * (<i64>n + (<i64>BUCKET_COST << (bits - 1)))
    if (cost < least) {
      least = cost
      best = bits
    }
  }
  return best
}

/** One bit more than the scalars have: a signed digit may carry into it. */
// @ts-ignore: decorator
@inline function windowCount(bits: i32): i32 { return SCALAR_BITS / bits + 1 }

/** Bits `from` to `from + bits` of a scalar of 32 bytes. */
function digitAt(scalar: usize, from: i32, bits: i32): i32 {
  const at = from >> 3
  let word: u32 = 0
  for (let k = 0; k < 4 && at + k < 32; k++) word |= <u32>load<u8>(scalar + at + k) << (k << 3)
  return <i32>((word >> (from & 7)) & ((1 << bits) - 1))
}

/** Writes `out` (Jacobian) = Σ scalars[i]·points[i] of `n` affine points and plain scalars below 2^254 of 32 bytes. */
export function sumOfMultiples<F>(out: usize, points: usize, scalars: usize, n: i32): void {
  const start = mark()
  const bits = windowBits(n), windows = windowCount(bits), half = 1 << (bits - 1)
  const buckets = windows * half
  const digits = take(<usize>(n * windows) << 1)
  const counts = take(<usize>(buckets + 1) << 2)
  memory.fill(counts, 0, <usize>(buckets + 1) << 2)

  // 1. Signed digits, and how many points each bucket gets.
  for (let i = 0; i < n; i++) {
    let carry = 0
    for (let w = 0; w < windows; w++) {
      let digit = digitAt(scalars + (<usize>i << 5), w * bits, bits) + carry
      carry = digit > half ? 1 : 0
      if (carry) digit -= 1 << bits
      store<i16>(digits + (<usize>(i * windows + w) << 1), <i16>digit)
      if (digit !== 0) {
        const bucket = counts + (<usize>(w * half + abs(digit) - 1) << 2)
        store<u32>(bucket, load<u32>(bucket) + 1)
      }
    }
  }

  // 2. References to points, bucket by bucket; the lowest bit says that the point is to be negated.
  const ends = take(<usize>buckets << 2)
  let total: u32 = 0
  for (let b = 0; b < buckets; b++) {
    store<u32>(ends + (<usize>b << 2), total)
    total += load<u32>(counts + (<usize>b << 2))
  }
  const references = take(<usize>total << 2)
  for (let i = 0; i < n; i++) {
    for (let w = 0; w < windows; w++) {
      const digit = <i32>load<i16>(digits + (<usize>(i * windows + w) << 1))
      if (digit === 0) continue
      const end = ends + (<usize>(w * half + abs(digit) - 1) << 2)
      const slot = load<u32>(end)
      store<u32>(end, slot + 1)
      store<u32>(references + (<usize>slot << 2), (i << 1) | (digit < 0 ? 1 : 0))
    }
  }

  addBuckets<F>(points, references, counts, buckets)

  // 3. Each window's Σ k·bucket[k] by running sums, and all windows by doubling.
  const n3 = size<F>() * 3
  const running = take(n3), window = take(n3)
  setInfinity<F>(out)
  let bucket = buckets
  let point = sumsEnd
  for (let w = windows - 1; w >= 0; w--) {
    for (let bit = 0; bit < bits; bit++) double<F>(out, out)
    setInfinity<F>(running)
    setInfinity<F>(window)
    for (let k = half - 1; k >= 0; k--) {
      bucket--
      if (load<u32>(counts + (<usize>bucket << 2)) !== 0) {
        point -= 2 * size<F>()
        addAffine<F>(running, running, point)
      }
      addPoints<F>(window, window, running)
    }
    addPoints<F>(out, out, window)
  }
  release(start)
}

let sumsEnd: usize = 0

/**
 * Adds up each bucket's points, pair by pair, until each has one. Leaves 0 or 1 in `counts`, and the sums of the buckets that
 * got points one after the other, up to `sumsEnd`.
 */
function addBuckets<F>(points: usize, references: usize, counts: usize, buckets: i32): void {
  const n2 = size<F>() * 2
  let next: u32 = 0, most: u32 = 0
  for (let b = 0; b < buckets; b++) {
    const count = load<u32>(counts + (<usize>b << 2))
    next += (count + 1) >> 1
    most = max(most, count)
  }
  let from = take(<usize>next * n2), to = take(<usize>next * n2)
  begin<F>()
  let first = true
  do {
    let source: u32 = 0, target = to
    for (let b = 0; b < buckets; b++) {
      const count = load<u32>(counts + (<usize>b << 2))
      if (count === 0) continue
      for (let pair: u32 = 0; pair + 1 < count; pair += 2, target += n2) {
        if (first) {
          const left = load<u32>(references + (<usize>(source + pair) << 2))
          const right = load<u32>(references + (<usize>(source + pair + 1) << 2))
          enqueue<F>(target, points + <usize>(left >> 1) * n2, points + <usize>(right >> 1) * n2, (left & 1) | ((right & 1) << 1))
        } else {
          const left = from + <usize>(source + pair) * n2
          enqueue<F>(target, left, left + n2, 0)
        }
      }
      if (count & 1) {
        const last = source + count - 1
        if (first) {
          const reference = load<u32>(references + (<usize>last << 2))
          copySigned<F>(target, points + <usize>(reference >> 1) * n2, reference & 1)
        } else memory.copy(target, from + <usize>last * n2, n2)
        target += n2
      }
      source += count
      store<u32>(counts + (<usize>b << 2), (count + 1) >> 1)
    }
    flush<F>()
    const swap = from
    from = to
    to = swap
    first = false
    most = (most + 1) >> 1
    sumsEnd = target
  } while (most > 1)
}

// A block of additions: where each result goes, its operands, their signs, the divisor, and the product of all before.
const JOB: usize = 16
let jobs: usize = 0, divisors: usize = 0, prefixes: usize = 0, queued: i32 = 0
const PRODUCT: usize = memory.data(72)
const LEFT: usize = memory.data(144)
const RIGHT: usize = memory.data(144)
const X: usize = memory.data(72)
const Y: usize = memory.data(72)
const SLOPE: usize = memory.data(72)

function begin<F>(): void {
  jobs = take(JOB * BLOCK)
  divisors = take(size<F>() * BLOCK)
  prefixes = take(size<F>() * (BLOCK + 1))
  setOne<F>(prefixes)
  queued = 0
}

function copySigned<F>(out: usize, point: usize, negative: u32): void {
  const n = size<F>()
  memory.copy(out, point, 2 * n)
  if (negative && !isBlank<F>(out + n)) negate<F>(out + n, point + n)
}

function negate<F>(out: usize, a: usize): void {
  fpSub(out, FP_ZERO, a)
  if (sizeof<F>() != 1) fpSub(out + 36, FP_ZERO, a + 36)
}

/** Queues out = ±p ± q; bit 0 of `signs` negates p, bit 1 negates q. Sums with infinity are done at once. */
function enqueue<F>(out: usize, p: usize, q: usize, signs: u32): void {
  const n = size<F>()
  if (isBlank<F>(p + n)) return copySigned<F>(out, q, signs >> 1)
  if (isBlank<F>(q + n)) return copySigned<F>(out, p, signs & 1)
  const divisor = divisors + <usize>queued * n
  sub<F>(divisor, q, p)
  if (isZero<F>(divisor)) {
    // The same x: the same point, to be doubled, or opposite ones. Equal y and equal signs, or neither.
    sub<F>(Y, q + n, p + n)
    const same = isZero<F>(Y) === ((signs & 1) === (signs >> 1))
    if (!same) {
      memory.fill(out, 0, 2 * n)
      return
    }
    add<F>(divisor, p + n, p + n)
    signs = (signs & 1) | 4
  }
  const prefix = prefixes + <usize>queued * n
  mul<F>(prefix + n, prefix, divisor)
  const job = jobs + <usize>queued * JOB
  store<u32>(job, <u32>out)
  store<u32>(job, <u32>p, 4)
  store<u32>(job, <u32>q, 8)
  store<u32>(job, signs, 12)
  if (++queued === BLOCK) flush<F>()
}

/** Does the queued additions. */
function flush<F>(): void {
  if (queued === 0) return
  const n = size<F>()
  invert<F>(PRODUCT, prefixes + <usize>queued * n)
  for (let at = queued - 1; at >= 0; at--) {
    const job = jobs + <usize>at * JOB
    const out = <usize>load<u32>(job), p = <usize>load<u32>(job, 4)
    let q = <usize>load<u32>(job, 8)
    const signs = load<u32>(job, 12)
    mul<F>(SLOPE, PRODUCT, prefixes + <usize>at * n) // 1 / divisor
    mul<F>(PRODUCT, PRODUCT, divisors + <usize>at * n)
    let y = p + n
    if (signs & 1) {
      negate<F>(LEFT, y)
      y = LEFT
    }
    if (signs & 4) {
      // 3x² / 2y; the divisor was made without the sign.
      square<F>(X, p)
      add<F>(Y, X, X)
      add<F>(Y, Y, X)
      mul<F>(SLOPE, SLOPE, Y)
      if (signs & 1) negate<F>(SLOPE, SLOPE)
      q = p
    } else {
      if (signs & 2) add<F>(Y, q + n, y)
      else sub<F>(Y, q + n, y)
      if (signs & 2) negate<F>(Y, Y)
      mul<F>(SLOPE, SLOPE, Y)
    }
    square<F>(X, SLOPE)
    sub<F>(X, X, p)
    sub<F>(out, X, q)
    sub<F>(Y, p, out)
    mul<F>(Y, Y, SLOPE)
    sub<F>(out + n, Y, y)
  }
  queued = 0
}
