/** A very small WebAssembly assembler: just what the hash functions need. Binary format: W3C WebAssembly 2.0, §5. */

/** Bytes of instructions. */
export type Code = readonly number[]

/** The value types used here. */
export const I32 = 0x7f as const
export const I64 = 0x7e as const
export type ValueType = typeof I32 | typeof I64

/** A function: `params`, `locals` (counted after the parameters) and `body`; exported under `name` if it has one. */
export interface WasmFunction {
  readonly name?: string
  readonly params: readonly ValueType[]
  readonly results?: readonly ValueType[]
  readonly locals: readonly ValueType[]
  readonly body: Code
}

export interface WasmModule {
  /** Pages of 64 KiB; exported as `memory`. */
  readonly pages: number
  /** Copied to address 0 when the module is instantiated. */
  readonly data: Uint8Array
  readonly functions: readonly WasmFunction[]
}

function unsigned(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80)
  return [...bytes, rest]
}

function signed(value: bigint): number[] {
  const bytes: number[] = []
  for (let rest = value; ;) {
    const byte = Number(rest & 0x7fn)
    rest >>= 7n
    if ((rest === 0n && byte < 0x40) || (rest === -1n && byte >= 0x40)) return [...bytes, byte]
    bytes.push(byte | 0x80)
  }
}

/** Joins code by loops: a spread of a long list would be limited by the stack. */
export function join(...parts: readonly Code[]): number[] {
  const joined: number[] = []
  for (const part of parts) for (const byte of part) joined.push(byte)
  return joined
}

export const get = (local: number): Code => [0x20, ...unsigned(local)]
export const set = (local: number): Code => [0x21, ...unsigned(local)]
export const tee = (local: number): Code => [0x22, ...unsigned(local)]
export const call = (index: number): Code => [0x10, ...unsigned(index)]

const memory = (opcode: number, align: number) => (offset: number) => [opcode, align, ...unsigned(offset)]
const plain = (opcode: number) => (): Code => [opcode]

/** Each takes its operands from the stack; loads and stores take the address and a constant offset in bytes. */
export const i64 = {
  const: (value: bigint): Code => [0x42, ...signed(BigInt.asIntN(64, value))],
  load: memory(0x29, 3),
  load32: memory(0x35, 2),
  store: memory(0x37, 3),
  store32: memory(0x3e, 2),
  add: plain(0x7c),
  mul: plain(0x7e),
  and: plain(0x83),
  or: plain(0x84),
  xor: plain(0x85),
  shl: plain(0x86),
  shr: plain(0x88),
  rotl: plain(0x89),
  eq: plain(0x51),
}
export const i32 = {
  const: (value: number): Code => [0x41, ...signed(BigInt(value | 0))],
  add: plain(0x6a),
  sub: plain(0x6b),
  and: plain(0x71),
  eqz: plain(0x45),
}

/** Repeats `body` while it leaves a value other than 0 on the stack. */
export const loop = (body: Code): Code => join([0x03, 0x40], body, [0x0d, 0x00, 0x0b])

/** Runs `body` if the i32 on the stack is not 0. */
export const when = (body: Code): Code => join([0x04, 0x40], body, [0x0b])

function section(id: number, content: Code): number[] {
  return join([id], unsigned(content.length), content)
}

function vector(items: readonly Code[]): number[] {
  return join(unsigned(items.length), ...items)
}

const text = (value: string): Code => vector([...new TextEncoder().encode(value)].map((byte) => [byte]))

function codeOf({ locals, body }: WasmFunction): Code {
  const content = join(vector(locals.map((type) => [1, type])), body, [0x0b])
  return join(unsigned(content.length), content)
}

/** The binary of a module. The same input always gives the same bytes. */
export function assemble({ pages, data, functions }: WasmModule): Uint8Array {
  const types = functions.map(({ params, results = [] }) =>
    join([0x60], vector(params.map((type) => [type])), vector(results.map((type) => [type]))),
  )
  const exports = functions.flatMap(({ name }, index) =>
    name === undefined ? [] : [join(text(name), [0x00], unsigned(index))],
  )
  return Uint8Array.from(
    join(
      [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      section(1, vector(types)),
      section(3, vector(functions.map((_, index) => unsigned(index)))),
      section(5, vector([join([0x00], unsigned(pages))])),
      section(7, vector([join(text('memory'), [0x02, 0x00]), ...exports])),
      section(10, vector(functions.map(codeOf))),
      section(11, vector([join([0x00], i32.const(0), [0x0b], vector([...data].map((byte) => [byte])))])),
    ),
  )
}
