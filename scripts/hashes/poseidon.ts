import { call, type Code, get, i32, I32, join, loop, set, tee, type WasmFunction } from './assembler.ts'
import { dot, ELEMENT_BYTES, elementBytes, pack, R_SQUARED, square, unpack } from './montgomery.ts'
import { PARTIAL_ROUNDS, poseidonConstants } from './poseidon-constants.ts'

/** Lays elements one after the other and remembers where each lies. */
function layout(base: number) {
  const chunks: Uint8Array[] = []
  return {
    chunks,
    put(bytes: Uint8Array): number {
      chunks.push(bytes)
      return base + (chunks.length - 1) * ELEMENT_BYTES
    },
  }
}

/** The functions of Poseidon(2) and the constants they expect from address `base` on. */
export function poseidon(base: number): { functions: WasmFunction[]; data: Uint8Array; end: number } {
  const constants = poseidonConstants()
  const { put, chunks } = layout(base)
  const row = (values: readonly bigint[]): number => {
    const [first] = values.map((value) => put(elementBytes(value)))
    return first!
  }
  const rSquared = put(elementBytes(R_SQUARED, true))
  const one = put(elementBytes(1n, true))
  const zero = put(elementBytes(0n))
  const start = row(constants.start)
  const mix = constants.mix.map(row)
  const entry = constants.entry.matrix.map(row)
  const entryConstants = row(constants.entry.constants)
  const opening = constants.opening.map(row)
  const closing = constants.closing.map(row)
  const partial = constants.partial.map(({ row: sparse, down, constant }) =>
    row([...sparse, ...down, constant]),
  )
  const scratch = Array.from({ length: 9 }, () => put(new Uint8Array(ELEMENT_BYTES)))
  const [s0, s1, s2, t0, t1, t2, fourth, carried] = scratch as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number, // prettier-ignore
  ]
  const S = [s0, s1, s2]
  const T = [t0, t1, t2]

  const at = { unpack: 0, pack: 1, multiply: 2, multiplyAdd: 3, mixRow: 4, square: 5, sbox: 6 }
  const run = (index: number, ...args: (number | Code)[]): Code =>
    join(...args.map((arg) => (typeof arg === 'number' ? i32.const(arg) : arg)), call(index))

  const sbox: WasmFunction = {
    params: [I32, I32], // out, in
    locals: [],
    body: join(
      run(at.square, fourth, get(1)),
      run(at.square, fourth, fourth),
      run(at.multiply, get(0), fourth, get(1)),
    ),
  }
  const sboxes = (state: readonly number[]): Code => join(...state.map((word) => run(at.sbox, word, word)))
  const mixed = (
    out: readonly number[],
    from: readonly number[],
    rows: readonly number[],
    plus: number,
  ): Code => join(...out.map((word, k) => run(at.mixRow, word, from[0]!, rows[k]!, plus + k * ELEMENT_BYTES)))

  const [outLocal, inLocal, countLocal, roundLocal, leftLocal] = [0, 1, 2, 3, 4]
  const field = (index: number): Code => join(get(roundLocal), i32.const(index * ELEMENT_BYTES), i32.add())
  const advance = (local: number, by: number): Code => join(get(local), i32.const(by), i32.add(), set(local))
  const countDown = (local: number): Code => join(get(local), i32.const(1), i32.sub(), tee(local))
  const read = (word: number, offset: number, plus: number): Code =>
    join(
      run(at.unpack, fourth, join(get(inLocal), i32.const(offset), i32.add())),
      run(at.multiplyAdd, word, fourth, rSquared, plus),
    )
  const partialRound = join(
    run(at.sbox, s0, carried),
    run(at.mixRow, carried, s0, get(roundLocal), field(5)),
    run(at.multiplyAdd, s1, s0, field(3), s1),
    run(at.multiplyAdd, s2, s0, field(4), s2),
    advance(roundLocal, 6 * ELEMENT_BYTES),
    countDown(leftLocal),
  )
  const hashOne = join(
    read(s1, 0, start + ELEMENT_BYTES),
    read(s2, 32, start + 2 * ELEMENT_BYTES),
    run(at.sbox, s0, start),
    run(at.sbox, s1, s1),
    run(at.sbox, s2, s2), // prettier-ignore
    mixed(T, S, mix, opening[0]!),
    sboxes(T), // prettier-ignore
    mixed(S, T, mix, opening[1]!),
    sboxes(S), // prettier-ignore
    mixed(T, S, mix, opening[2]!),
    sboxes(T), // prettier-ignore
    mixed([carried, s1, s2], T, entry, entryConstants),
    i32.const(partial[0]!),
    set(roundLocal), // prettier-ignore
    i32.const(PARTIAL_ROUNDS),
    set(leftLocal), // prettier-ignore
    loop(partialRound),
    run(at.sbox, s0, carried),
    run(at.sbox, s1, s1),
    run(at.sbox, s2, s2), // prettier-ignore
    mixed(T, S, mix, closing[0]!),
    sboxes(T), // prettier-ignore
    mixed(S, T, mix, closing[1]!),
    sboxes(S), // prettier-ignore
    mixed(T, S, mix, closing[2]!),
    sboxes(T), // prettier-ignore
    run(at.mixRow, s0, t0, mix[0]!, zero),
    run(at.multiply, s0, s0, one),
    run(at.pack, get(outLocal), s0),
  )
  /** hashPairs(out, in, count): 32-byte hashes of `count` > 0 pairs of 32 bytes, all little-endian and below P. */
  const hashPairs: WasmFunction = {
    name: 'hashPairs',
    params: [I32, I32, I32],
    locals: [I32, I32],
    body: loop(join(hashOne, advance(outLocal, 32), advance(inLocal, 64), countDown(countLocal))),
  }

  const data = Uint8Array.from(chunks.flatMap((chunk) => [...chunk]))
  const functions = [
    unpack(),
    pack(),
    dot({ pairs: 1, plus: false }),
    dot({ pairs: 1, plus: true }),
    dot({ pairs: 3, plus: true }),
    square(),
    sbox,
    hashPairs,
  ]
  return { functions, data, end: base + data.length }
}
