import { WASM } from './generated/wasm.ts'

/** An address in the memory of the WebAssembly. */
export type Address = number

/** Bytes of what it computes with: coordinates of 36 bytes in Montgomery form, two for one of G2. */
export const SIZE = {
  coordinate: 36,
  g1: 72,
  jacobian: 108,
  g2: 144,
  gt: 432,
  pair: 468,
  table: 58_752,
} as const

/** The functions of protocol/assembly/pairing; the result comes first, an answer of 0 is no. */
interface Exports {
  readonly memory: WebAssembly.Memory
  take(bytes: number): Address
  /** Of 32 plain little-endian bytes each. */
  decodeCoordinates(out: Address, bytes: Address, count: number, snarkjs: number): void
  encodeCoordinates(bytes: Address, values: Address, count: number): void
  /** Decompresses bytes in form; 0 if the point is not on the curve. */
  readG1(out: Address, bytes: Address): number
  /** The same for the twist; its subgroup is not checked. */
  readTwist(out: Address, bytes: Address): number
  toJacobian(out: Address, affine: Address): void
  negate(point: Address): void
  /** (a + b·λ) times an affine point, Jacobian; a and b of 16 bytes, below 2^bits. */
  weigh(out: Address, point: Address, a: Address, b: Address, bits: number): void
  sumOfMultiplesG1(out: Address, points: Address, scalars: Address, count: number): void
  makeTable(table: Address, point: Address): void
  addMultiple(out: Address, table: Address, scalar: Address): void
  /** 0 if `p` (Jacobian) is infinity, and the pair not to be used. */
  setPair(pair: Address, p: Address, q: Address): number
  millerLoop(out: Address, pairs: Address, count: number): void
  /** After the loop: whether the pair's point of the twist is in the subgroup. */
  closes(pair: Address): number
  finalExponentiation(out: Address, x: Address): void
  equal(x: Address, y: Address): number
}

/** Points and pairings of BN254 in WebAssembly (protocol/assembly/pairing). */
export interface Pairing extends Exports {
  write(at: Address, bytes: Uint8Array): void
  read(at: Address, length: number): Uint8Array
  copy(to: Address, from: Address, length: number): void
}

let compiled: Promise<WebAssembly.Module> | undefined

/** A fresh instance with memory of its own; the module is compiled once a thread. */
export async function openPairing(): Promise<Pairing> {
  compiled ??= WebAssembly.compile(Uint8Array.from(atob(WASM), (char) => char.charCodeAt(0)))
  const { exports } = await WebAssembly.instantiate(await compiled)
  const core = exports as unknown as Exports
  const bytes = () => new Uint8Array(core.memory.buffer) // memory that has grown has another buffer
  return {
    ...core,
    write: (at, from) => bytes().set(from, at),
    read: (at, length) => bytes().slice(at, at + length),
    copy: (to, from, length) => void bytes().copyWithin(to, from, from + length),
  }
}
