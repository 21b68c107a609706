/** Orders of BN254's base field (p) and scalar field (r). */
export const PRIMES = {
  fp: 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n,
  fr: 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n,
}

/**
 * An element is 9 limbs of 29 bits, each in 4 bytes, little-endian: a product of limbs has 58 bits, so that a column of 18
 * of them fits in 64 bits, and carries wait until the end.
 */
export const LIMBS = 9
export const BITS = 29n
export const MASK = (1n << BITS) - 1n
/** Values are in Montgomery form, times 2^261. */
export const R_BITS = BigInt(LIMBS) * BITS
const RANGE = Array.from({ length: LIMBS }, (_, at) => at)

/** The AssemblyScript of one prime's arithmetic: straight lines, no branches, so no timing that depends on a value. */
export function fieldSource(name: string, prime: bigint): string {
  return [
    constants(name, prime),
    multiply(name, prime),
    square(name, prime),
    combine(name, prime, 'Add'),
    combine(name, prime, 'Sub'),
  ].join('\n')
}

export const limbsOf = (value: bigint): bigint[] =>
  RANGE.map((at) => (at === LIMBS - 1 ? value >> (BITS * BigInt(at)) : (value >> (BITS * BigInt(at))) & MASK))

export function minusInverse(prime: bigint): bigint {
  let inverse = 1n
  for (let bits = 1n; bits < BITS; bits *= 2n) inverse = (inverse * (2n - prime * inverse)) & MASK
  return -inverse & MASK
}

function constants(name: string, prime: bigint): string {
  const power = (bits: bigint) => (1n << bits) % prime
  const table = {
    ZERO: 0n,
    PRIME: prime,
    /** 1 in Montgomery form. */
    ONE: power(R_BITS),
    /** Plain to Montgomery form. */
    FROM_PLAIN: power(2n * R_BITS),
    /** Montgomery form to plain. */
    TO_PLAIN: 1n,
    /** snarkjs' Montgomery form, times 2^256, to ours. */
    FROM_SNARKJS: power(2n * R_BITS - 256n),
    /** The same of what snarkjs keeps times 2^512. */
    FROM_SNARKJS_TWICE: power(2n * R_BITS - 512n),
  }
  const lines = Object.entries(table).map(([key, value]) => {
    return `export const ${name}_${key}: usize = memory.data<u32>([${limbsOf(value).join(', ')}])`
  })
  const exponent = Array.from({ length: 8 }, (_, at) => ((prime - 2n) >> BigInt(32 * at)) & 0xffff_ffffn)
  lines.push(`export const ${name}_MINUS_TWO: usize = memory.data<u32>([${exponent.join(', ')}])`)
  return lines.join('\n').replaceAll(`${name}_`, `${name.toUpperCase()}_`) + '\n'
}

/** Bounds: x, y < 12 · prime gives a result < 2 · prime. */
function multiply(name: string, prime: bigint): string {
  const p = limbsOf(prime)
  const rounds = RANGE.flatMap((round) => [
    `  x = <u64>load<u32>(a, ${4 * round})`,
    `  t0 += x * y0`,
    `  q = (<u64><u32>t0 * ${minusInverse(prime)}) & ${MASK}`,
    `  t0 = (t0 + q * ${p[0]}) >> ${BITS}`,
    ...RANGE.slice(1).map((at) => `  t${at - 1} ${at === 1 ? '+' : ''}= t${at} + x * y${at} + q * ${p[at]}`),
    `  t8 = 0`,
  ])
  return [
    `export function ${name}Mul(out: usize, a: usize, b: usize): void {`,
    ...RANGE.map((at) => `  const y${at} = <u64>load<u32>(b, ${4 * at})`),
    ...RANGE.map((at) => `  let t${at}: u64 = 0`),
    `  let x: u64, q: u64`,
    ...rounds,
    ...storeCarried(RANGE.map((at) => `t${at}`)),
    `}\n`,
  ].join('\n')
}

/** Half of the products, the mixed ones doubled. */
function square(name: string, prime: bigint): string {
  const p = limbsOf(prime)
  const columns = Array.from({ length: 2 * LIMBS - 1 }, (_, column) => {
    const terms = RANGE.flatMap((low) => {
      const high = column - low
      if (high < low || high >= LIMBS) return []
      return [low === high ? `x${low} * x${low}` : `d${low} * x${high}`]
    })
    return `  let t${column} = ${terms.join(' + ')}`
  })
  const rounds = RANGE.flatMap((round) => [
    `  q = (<u64><u32>t${round} * ${minusInverse(prime)}) & ${MASK}`,
    `  t${round + 1} += (t${round} + q * ${p[0]}) >> ${BITS}`,
    ...RANGE.slice(1).map((at) => `  t${round + at} += q * ${p[at]}`),
  ])
  return [
    `export function ${name}Square(out: usize, a: usize): void {`,
    ...RANGE.map((at) => `  const x${at} = <u64>load<u32>(a, ${4 * at}), d${at} = x${at} << 1`),
    ...columns,
    `  let t17: u64 = 0, q: u64`,
    ...rounds,
    ...storeCarried(RANGE.map((at) => `t${LIMBS + at}`)),
    `}\n`,
  ].join('\n')
}

/**
 * Sum or difference of values < 2 · prime, brought below 2 · prime again: the top limb tells how many primes to take off,
 * at most one too few.
 */
function combine(name: string, prime: bigint, kind: 'Add' | 'Sub'): string {
  const p = limbsOf(prime)
  const twice = limbsOf(2n * prime)
  const top = BITS * BigInt(LIMBS - 1)
  const shift = 50n
  const perPrime = (1n << (top + shift)) / prime
  const sign = kind === 'Add' ? '+' : '-'
  const extra = (at: number) => (kind === 'Add' ? '' : ` + ${twice[at]}`)
  const sum = (at: number) => `<i64>load<u32>(a, ${4 * at}) ${sign} <i64>load<u32>(b, ${4 * at})${extra(at)}`
  const last = LIMBS - 1
  return [
    `export function ${name}${kind}(out: usize, a: usize, b: usize): void {`,
    `  const top: i64 = ${sum(last)}`,
    `  const q = ((top - 1) * ${perPrime}) >> ${shift} & ~((top - 1) >> 63)`,
    `  let t: i64 = ${sum(0)} - q * ${p[0]}`,
    ...RANGE.slice(0, -1).flatMap((at) => [
      `  store<u32>(out, <u32>(t & ${MASK}), ${4 * at})`,
      `  t = (t >> ${BITS}) + ${at + 1 === last ? 'top' : sum(at + 1)} - q * ${p[at + 1]}`,
    ]),
    `  store<u32>(out, <u32>t, ${4 * last})`,
    `}\n`,
  ].join('\n')
}

function storeCarried(columns: readonly string[]): string[] {
  return columns.flatMap((column, at) =>
    at === LIMBS - 1
      ? [`  store<u32>(out, <u32>${column}, ${4 * at})`]
      : [
          `  store<u32>(out, <u32>(${column} & ${MASK}), ${4 * at})`,
          `  ${columns[at + 1]} += ${column} >> ${BITS}`,
        ],
  )
}
