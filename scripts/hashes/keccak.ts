import {
  call,
  type Code,
  get,
  i32,
  I32,
  i64,
  I64,
  join,
  loop,
  set,
  tee,
  type WasmFunction,
  when,
} from './assembler.ts'

const ROUNDS = 24
const STATE_WORDS = 25
const WORD = 8

/** Round constants of Keccak-f[1600] by its LFSR (FIPS 202, algorithm 5). */
function roundConstants(): bigint[] {
  let register = 1
  const bit = (): bigint => {
    const out = register & 1
    register = (register << 1) ^ (register & 0x80 ? 0x171 : 0)
    return BigInt(out)
  }
  return Array.from({ length: ROUNDS }, () => {
    let constant = 0n
    for (let power = 0; power <= 6; power++) constant |= bit() << BigInt(2 ** power - 1)
    return constant
  })
}

/** Rotations of rho, by word x + 5y. */
function rotations(): number[] {
  const found = new Array<number>(STATE_WORDS).fill(0)
  for (let step = 0, x = 1, y = 0; step < 24; step++) {
    found[x + 5 * y] = (((step + 1) * (step + 2)) / 2) % 64
    ;[x, y] = [y, (2 * x + 3 * y) % 5]
  }
  return found
}

const words = Array.from({ length: STATE_WORDS }, (_, at) => at)
const five = [0, 1, 2, 3, 4]
const xor = (...terms: readonly Code[]): Code => terms.reduce((sum, term) => join(sum, term, i64.xor()))

/** permute(state): Keccak-f[1600] on the 200 bytes at `state`. */
function permutation(constants: number): WasmFunction {
  const [state, pointer, left] = [0, 1, 2]
  const a = (x: number, y: number) => 3 + (x % 5) + 5 * (y % 5)
  const b = (x: number, y: number) => 28 + (x % 5) + 5 * (y % 5)
  const c = (x: number) => 53 + (x % 5)
  const d = 58
  const rotation = rotations()
  const theta = join(
    ...five.map((x) => join(xor(...five.map((y) => get(a(x, y)))), set(c(x)))),
    ...five.map((x) =>
      join(
        xor(get(c(x + 4)), join(get(c(x + 1)), i64.const(1n), i64.rotl())),
        set(d),
        ...five.map((y) =>
          join(
            xor(get(a(x, y)), get(d)),
            i64.const(BigInt(rotation[x + 5 * y]!)),
            i64.rotl(), // prettier-ignore
            set(b(y, 2 * x + 3 * y)),
          ),
        ),
      ),
    ),
  )
  const chi = join(
    ...five.flatMap((y) =>
      five.map((x) =>
        join(
          get(b(x, y)), // b ⊕ (¬b₊₁ ∧ b₊₂)
          get(b(x + 1, y)),
          i64.const(-1n),
          i64.xor(),
          get(b(x + 2, y)),
          i64.and(), // prettier-ignore
          i64.xor(),
          ...(x === 0 && y === 0 ? [get(pointer), i64.load(0), i64.xor()] : []),
          set(a(x, y)),
        ),
      ),
    ),
  )
  const step = join(get(pointer), i32.const(WORD), i32.add(), set(pointer))
  const countDown = join(get(left), i32.const(1), i32.sub(), tee(left))
  return {
    params: [I32],
    locals: [I32, I32, ...Array.from({ length: 56 }, () => I64)] as const,
    body: join(
      ...words.map((at) => join(get(state), i64.load(WORD * at), set(3 + at))),
      i32.const(constants),
      set(pointer), // prettier-ignore
      i32.const(ROUNDS),
      set(left), // prettier-ignore
      loop(join(theta, chi, step, countDown)),
      ...words.map((at) => join(get(state), get(3 + at), i64.store(WORD * at))),
    ),
  }
}

const shift = (value: Code, by: bigint, code: Code): Code => join(value, i64.const(by), code)

/** The low 32 bits of `local` in the other order of bytes, in the low 32 bits; changes `local`. */
function swapBytes(local: number): Code {
  const odd = (value: Code): Code => join(value, i64.const(0x00ff_00ffn), i64.and())
  const pairs = join(shift(odd(get(local)), 8n, i64.shl()), odd(shift(get(local), 8n, i64.shr())), i64.or())
  const halves = join(shift(get(local), 16n, i64.shl()), shift(get(local), 16n, i64.shr()), i64.or())
  return join(pairs, set(local), halves, i64.const(0xffff_ffffn), i64.and())
}

/**
 * chain(hash, records, count): for each of `count` > 0 records of 64 bytes, the first 28 of the 32 bytes at `hash` become those of
 * keccak256(abi.encode(hash, kind, index, idCommitment, holder, rateLimit, expiry)); the last four, a number, grow by one if
 * the kind is 1. A record is, big-endian: kind (1 byte), rate limit (2), expiry (5), index (4), holder (20), id commitment (32).
 */
function chain(state: number, permute: number): WasmFunction {
  const [hash, records, left, members, swapped] = [0, 1, 2, 3, 4]
  const record = (at: number): Code => join(get(records), i64.load(WORD * at))
  const high32 = shift(shift(record(1), 32n, i64.shr()), 32n, i64.shl())
  /** The 28 words of the encoding, then the padding; those left out are zero. */
  const message = new Map<number, Code>([
    ...[0, 1, 2, 3].map((at): [number, Code] => [at, join(get(hash), i64.load(WORD * at))]),
    [7, shift(record(0), 56n, i64.shl())],
    [11, shift(record(1), 32n, i64.shl())],
    ...[0, 1, 2, 3].map((at): [number, Code] => [12 + at, record(4 + at)]),
    [17, high32],
    [18, record(2)],
    [19, record(3)],
    [23, shift(shift(shift(record(0), 40n, i64.shl()), 48n, i64.shr()), 48n, i64.shl())],
    [27, shift(shift(record(0), 24n, i64.shr()), 24n, i64.shl())],
    [28, i64.const(1n)],
    [33, i64.const(1n << 63n)],
  ])
  const RATE_WORDS = 17
  const first = words.map((at) =>
    join(
      i32.const(state),
      (at < RATE_WORDS ? message.get(at) : undefined) ?? i64.const(0n),
      i64.store(WORD * at),
    ),
  )
  const second = words.slice(0, RATE_WORDS).flatMap((at) => {
    const word = message.get(RATE_WORDS + at)
    if (word === undefined) return []
    return [
      join(i32.const(state), i32.const(state), i64.load(WORD * at), word, i64.xor(), i64.store(WORD * at)),
    ]
  })
  const digest = [0, 1, 2].map((at) =>
    join(get(hash), i32.const(state), i64.load(WORD * at), i64.store(WORD * at)),
  )
  const kind = join(record(0), i64.const(0xffn), i64.and())
  const oneMore = join(get(members), i64.const(1n), i64.add(), set(members))
  const countMember = join(kind, i64.const(1n), i64.eq(), when(oneMore), get(members), set(swapped))
  const digestAndCount = join(
    get(hash),
    i32.const(state),
    i64.load32(WORD * 3),
    shift(swapBytes(swapped), 32n, i64.shl()),
    i64.or(),
    i64.store(WORD * 3),
  )
  const membersBefore = join(
    shift(join(get(hash), i64.load(WORD * 3)), 32n, i64.shr()),
    set(swapped),
    swapBytes(swapped),
    set(members),
  )
  const run = join(i32.const(state), call(permute))
  const step = join(get(records), i32.const(64), i32.add(), set(records))
  const countDown = join(get(left), i32.const(1), i32.sub(), tee(left))
  return {
    name: 'chainLedger',
    params: [I32, I32, I32],
    locals: [I64, I64],
    body: join(
      membersBefore,
      loop(
        // prettier-ignore
        join(...first, run, ...second, run, ...digest, countMember, digestAndCount, step, countDown),
      ),
    ),
  }
}

/** The functions of the ledger word; `index` is that of the first function. */
export function keccak(
  base: number,
  index: number,
): { functions: WasmFunction[]; data: Uint8Array; end: number } {
  const data = new Uint8Array((ROUNDS + STATE_WORDS) * WORD)
  const view = new DataView(data.buffer)
  roundConstants().forEach((constant, at) => view.setBigUint64(WORD * at, constant, true))
  const functions = [permutation(base), chain(base + ROUNDS * WORD, index)]
  return { functions, data, end: base + data.length }
}
