import { WASM } from './generated/wasm.ts'

/** Bytes of what the WebAssembly computes with. */
export const SCALAR = 36
export const AFFINE = { g1: 72, g2: 144 } as const
export const JACOBIAN = { g1: 108, g2: 216 } as const

export type Group = 'g1' | 'g2'
/** An address in the engine's memory. */
export type Address = number

interface Exports {
  readonly memory: WebAssembly.Memory
  take(bytes: number): Address
  mark(): Address
  release(marked: Address): void
  decodeScalars(out: Address, bytes: Address, count: number, snarkjs: number): void
  encodeScalars(bytes: Address, values: Address, count: number): void
  decodeCoordinates(out: Address, bytes: Address, count: number, snarkjs: number): void
  encodeCoordinates(bytes: Address, values: Address, count: number): void
  addRows(a: Address, b: Address, entries: Address, count: number, witness: Address): void
  multiplyEach(out: Address, a: Address, b: Address, count: number): void
  subtractEach(out: Address, a: Address, b: Address, count: number): void
  powers(out: Address, first: Address, base: Address, count: number): void
  reverseBits(values: Address, count: number): void
  transform(values: Address, count: number, roots: Address): void
  transformReversed(values: Address, count: number, roots: Address): void
  addG1(out: Address, p: Address, q: Address): void
  addG2(out: Address, p: Address, q: Address): void
  multiplyG1(out: Address, p: Address, scalar: Address): void
  multiplyG2(out: Address, p: Address, scalar: Address): void
  multiplySecretG1(out: Address, p: Address, scalar: Address): void
  multiplySecretG2(out: Address, p: Address, scalar: Address): void
  toAffineG1(out: Address, p: Address): void
  toAffineG2(out: Address, p: Address): void
  sumOfMultiplesG1(out: Address, points: Address, scalars: Address, count: number): void
  sumOfMultiplesG2(out: Address, points: Address, scalars: Address, count: number): void
}

/** BN254 in WebAssembly (protocol/assembly), with the few helpers that make its addresses easy to use. */
export interface Engine extends Exports {
  /** Copies bytes to fresh memory. */
  put(bytes: Uint8Array): Address
  /** A copy of memory. */
  read(at: Address, length: number): Uint8Array
  write(at: Address, bytes: Uint8Array): void
  /** Runs `task` and gives back, wiped, all memory that it took. */
  scoped<T>(task: () => T): T
}

let compiled: Promise<WebAssembly.Module> | undefined

/** A fresh instance with memory of its own; the module is compiled once a thread. */
export async function createEngine(): Promise<Engine> {
  compiled ??= WebAssembly.compile(Uint8Array.from(atob(WASM), (char) => char.charCodeAt(0)))
  return engineOn(await WebAssembly.instantiate(await compiled))
}

/** Builds an engine on a running instance of the module. */
export function engineOn({ exports }: WebAssembly.Instance): Engine {
  const core = exports as unknown as Exports
  const write = (at: Address, bytes: Uint8Array) => new Uint8Array(core.memory.buffer).set(bytes, at)
  return {
    ...core,
    write,
    put(bytes) {
      const at = core.take(bytes.length)
      write(at, bytes)
      return at
    },
    read: (at, length) => new Uint8Array(core.memory.buffer).slice(at, at + length),
    scoped(task) {
      const marked = core.mark()
      try {
        return task()
      } finally {
        core.release(marked)
      }
    },
  }
}
