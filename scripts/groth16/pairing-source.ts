import { bn254 } from '@noble/curves/bn254.js'
import { LAMBDA } from '../../protocol/src/rln/verify/weights.ts'
import { BITS, LIMBS, limbsOf, MASK, minusInverse, PRIMES, R_BITS } from './field-source.ts'

const { Fp2 } = bn254.fields
const G1 = bn254.G1.Point
const P = PRIMES.fp
/** The curve's parameter: p, r and t are polynomials in it. */
const X = 4_965_661_367_192_848_881n
const XI = Fp2.create({ c0: 9n, c1: 1n })
type Fp2Value = ReturnType<typeof Fp2.create>

const montgomery = (value: bigint) => limbsOf((value << R_BITS) % P)
const montgomery2 = ({ c0, c1 }: Fp2Value) => [...montgomery(c0), ...montgomery(c1)]
const data = (name: string, type: string, values: readonly (bigint | number)[]) =>
  `export const ${name}: usize = memory.data<${type}>([${values.join(', ')}])`
const words = (value: bigint) =>
  Array.from({ length: 8 }, (_, at) => (value >> BigInt(32 * at)) & 0xffff_ffffn)

/** The non-adjacent form of `value`, highest digit first. */
function signedDigits(value: bigint): number[] {
  const digits: number[] = []
  for (let rest = value; rest > 0n; rest >>= 1n) {
    const digit = (rest & 1n) === 0n ? 0 : (rest & 3n) === 1n ? 1 : -1
    digits.push(digit)
    rest -= BigInt(digit)
  }
  return digits.reverse()
}

/** β with φ(x, y) = (βx, y) = λ·(x, y) on G1. */
function beta(): bigint {
  const { x, y } = G1.BASE.multiply(LAMBDA).toAffine()
  if (y !== G1.BASE.toAffine().y) throw new RangeError('λ is no cube root of 1')
  return (x * bn254.fields.Fp.inv(G1.BASE.toAffine().x)) % P
}

/** The AssemblyScript of the constants of the pairing, and of arithmetic in straight lines that only it needs. */
export function pairingSource(): string {
  const b = bn254.G2.Point.CURVE().b
  const power = (at: bigint) => Fp2.pow(XI, (at * (P - 1n)) / 6n)
  const loop = signedDigits(6n * X + 2n)
  return [
    '/** ξ^(i(p − 1)/6) for i from 1 to 5. */',
    data(
      'FROBENIUS',
      'u32',
      [1n, 2n, 3n, 4n, 5n].flatMap((at) => montgomery2(power(at))),
    ),
    data('PSI_X', 'u32', montgomery2(power(2n))),
    data('PSI_Y', 'u32', montgomery2(power(3n))),
    data('TWIST_B', 'u32', montgomery2(b)),
    data('TWIST_3B', 'u32', montgomery2(Fp2.mul(b, 3n))),
    data('THREE', 'u32', montgomery(3n)),
    data('BETA', 'u32', montgomery(beta())),
    data('HALF_P', 'u32', words((P - 1n) / 2n)),
    data('P_MINUS_3_OVER_4', 'u32', words((P - 3n) / 4n)),
    '/** Signed digits of x and of 6x + 2, the highest first. */',
    data('X_DIGITS', 'i8', signedDigits(X)),
    data('LOOP_DIGITS', 'i8', loop),
    `export const LOOP_LENGTH: usize = ${loop.length}\n`,
    halve(),
    nine('fpNinePlus', 1),
    nine('fpNineMinus', -1),
    fp2Multiply(),
    fp2SquareSource(),
    WRAPPERS,
  ].join('\n')
}

const RANGE = Array.from({ length: LIMBS }, (_, at) => at)
const LAST = LIMBS - 1

/** a/2 for a < 2p: p is added to an odd one. */
function halve(): string {
  const p = limbsOf(P)
  return [
    'export function fpHalve(out: usize, a: usize): void {',
    '  const odd: i64 = -<i64>(load<u32>(a) & 1)',
    `  let t: i64 = <i64>load<u32>(a) + (odd & ${p[0]}), u: i64`,
    ...RANGE.slice(0, -1).flatMap((at) => [
      `  u = (t >> ${BITS}) + <i64>load<u32>(a, ${4 * (at + 1)}) + (odd & ${p[at + 1]})`,
      `  store<u32>(out, <u32>(((t & ${MASK}) >> 1) | ((u & 1) << ${BITS - 1n})), ${4 * at})`,
      '  t = u',
    ]),
    `  store<u32>(out, <u32>(t >> 1), ${4 * LAST})`,
    '}\n',
  ].join('\n')
}

/** 9a ± b for values < 2p, brought below 2p: the top limb tells how many primes to take off, at most one too few. */
function nine(name: string, sign: 1 | -1): string {
  const p = limbsOf(P)
  const twice = limbsOf(2n * P)
  const shift = 50n
  const perPrime = (1n << (BITS * BigInt(LAST) + shift)) / P
  const sum = (at: number) =>
    `<i64>load<u32>(a, ${4 * at}) * 9 ${sign === 1 ? '+' : '-'} <i64>load<u32>(b, ${4 * at})${sign === 1 ? '' : ` + ${twice[at]}`}`
  return [
    `function ${name}(out: usize, a: usize, b: usize): void {`,
    `  const top: i64 = ${sum(LAST)}`,
    `  const q = ((top - 2) * ${perPrime}) >> ${shift} & ~((top - 2) >> 63)`,
    `  let t: i64 = ${sum(0)} - q * ${p[0]}`,
    ...RANGE.slice(0, -1).flatMap((at) => [
      `  store<u32>(out, <u32>(t & ${MASK}), ${4 * at})`,
      `  t = (t >> ${BITS}) + ${at + 1 === LAST ? 'top' : sum(at + 1)} - q * ${p[at + 1]}`,
    ]),
    `  store<u32>(out, <u32>t, ${4 * LAST})`,
    '}\n',
  ].join('\n')
}

const COLUMNS = Array.from({ length: 2 * LIMBS - 1 }, (_, at) => at)
const COEFFICIENT_BYTES = 4 * LIMBS

/** Loads the limbs of the element at `from` into locals. */
const loads = (local: string, from: string, offset = 0) =>
  RANGE.map((at) => `  const ${local}${at} = <i64>load<u32>(${from}, ${offset + 4 * at})`)

/** The column of a product: what has the weight 2^(29·column). */
function columnOf(column: number, left: string, right: string): string {
  const terms = RANGE.filter((at) => column - at >= 0 && column - at < LIMBS)
  return terms.map((at) => `${left}${at} * ${right}${column - at}`).join(' + ')
}

/** Limbs of 4p², as many as a product has: added to differences of products of values < 2p, to keep them from going below 0. */
const FOUR_P_SQUARED = COLUMNS.map((at) =>
  at === 2 * LIMBS - 2 ? (4n * P * P) >> (BITS * BigInt(at)) : ((4n * P * P) >> (BITS * BigInt(at))) & MASK,
)

/** Montgomery's reduction of the columns t0…t16, which are signed, and the store of the result < 2p. */
function reduce(t: string, offset: number): string[] {
  const p = limbsOf(P)
  const rounds = RANGE.flatMap((round) => [
    `  q = <i64>((<u64><u32>${t}${round} * ${minusInverse(P)}) & ${MASK})`,
    `  ${t}${round + 1} += (${t}${round} + q * ${p[0]}) >> ${BITS}`,
    ...RANGE.slice(1).map((at) => `  ${t}${round + at} += q * ${p[at]}`),
  ])
  const carried = RANGE.flatMap((at) =>
    at === LAST
      ? [`  store<u32>(out, <u32>${t}${LIMBS + at}, ${offset + 4 * at})`]
      : [
          `  store<u32>(out, <u32>(${t}${LIMBS + at} & ${MASK}), ${offset + 4 * at})`,
          `  ${t}${LIMBS + at + 1} += ${t}${LIMBS + at} >> ${BITS}`,
        ],
  )
  return [`  let ${t}${2 * LIMBS - 1}: i64 = 0`, ...rounds, ...carried]
}

/**
 * (a0 + a1·u)(b0 + b1·u) for coefficients < 2p: three products (Karatsuba) of 17 columns each, combined before the two
 * reductions. A column takes at most 36 products of 58 bits, and wraps back where a sum of more is subtracted from.
 */
function fp2Multiply(): string {
  return [
    '/** `out` may be an input. */',
    'export function fp2Mul(out: usize, a: usize, b: usize): void {',
    ...loads('x', 'a'),
    ...loads('z', 'a', COEFFICIENT_BYTES),
    ...loads('y', 'b'),
    ...loads('w', 'b', COEFFICIENT_BYTES),
    ...RANGE.map((at) => `  const s${at} = x${at} + z${at}, v${at} = y${at} + w${at}`),
    '  let q: i64, m: i64, n: i64',
    ...COLUMNS.flatMap((at) => [
      `  m = ${columnOf(at, 'x', 'y')}`,
      `  n = ${columnOf(at, 'z', 'w')}`,
      `  let t${at} = m - n + ${FOUR_P_SQUARED[at]}`,
      `  let u${at} = ${columnOf(at, 's', 'v')} - m - n`,
    ]),
    ...reduce('t', 0),
    ...reduce('u', COEFFICIENT_BYTES),
    '}\n',
  ].join('\n')
}

/** (a0 + a1)(a0 − a1) and 2·a0·a1. */
function fp2SquareSource(): string {
  return [
    '/** `out` may be `a`. */',
    'export function fp2Square(out: usize, a: usize): void {',
    ...loads('x', 'a'),
    ...loads('z', 'a', COEFFICIENT_BYTES),
    ...RANGE.map((at) => `  const s${at} = x${at} + z${at}, d${at} = x${at} - z${at}, e${at} = x${at} << 1`),
    '  let q: i64',
    ...COLUMNS.flatMap((at) => [
      `  let t${at} = ${columnOf(at, 's', 'd')} + ${FOUR_P_SQUARED[at]}`,
      `  let u${at} = ${columnOf(at, 'e', 'z')}`,
    ]),
    ...reduce('t', 0),
    ...reduce('u', COEFFICIENT_BYTES),
    '}\n',
  ].join('\n')
}

const WRAPPERS = `const SAVED: usize = memory.data(72)

/** Times ξ = 9 + u. */
export function fp2MulXi(out: usize, a: usize): void {
  memory.copy(SAVED, a, 72)
  fpNineMinus(out, SAVED, SAVED + 36)
  fpNinePlus(out + 36, SAVED + 36, SAVED)
}

export function fp2Halve(out: usize, a: usize): void {
  fpHalve(out, a)
  fpHalve(out + 36, a + 36)
}
`
