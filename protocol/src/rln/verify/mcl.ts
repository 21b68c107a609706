import { ProofError } from '../errors.ts'

/** An address in mcl's heap. */
export type Address = number

/**
 * Bytes of mcl's values, elements in Montgomery form, points with three coordinates, z last. An element of Fp has room
 * for the larger curves that the library also knows.
 */
export const SIZE = { fr: 32, fp: 48, fp2: 96, g1: 144, g2: 288, gt: 576 } as const

/**
 * What is used of mcl's C interface, on addresses of its heap; the result comes first. Its JavaScript classes copy each
 * operand in and each result out, and hide the Miller loop that pairs share.
 */
export interface Mcl {
  readonly wasmMemory: WebAssembly.Memory
  _malloc(bytes: number): Address
  _free(address: Address): void
  _mclBnFp_setLittleEndian(out: Address, bytes: Address, length: number): number
  _mclBnFp_getLittleEndian(bytes: Address, capacity: number, x: Address): number
  _mclBnFp_neg(out: Address, x: Address): void
  _mclBnFp_add(out: Address, x: Address, y: Address): void
  _mclBnFp_mul(out: Address, x: Address, y: Address): void
  _mclBnFp_sqr(out: Address, x: Address): void
  _mclBnFp_isEqual(x: Address, y: Address): number
  _mclBnFp_isZero(x: Address): number
  /** 1 if x > (p − 1) / 2. */
  _mclBnFp_isNegative(x: Address): number
  /** 0 if there is a root. */
  _mclBnFp_squareRoot(out: Address, x: Address): number
  _mclBnFp2_neg(out: Address, x: Address): void
  _mclBnFp2_add(out: Address, x: Address, y: Address): void
  _mclBnFp2_mul(out: Address, x: Address, y: Address): void
  _mclBnFp2_sqr(out: Address, x: Address): void
  _mclBnFp2_isEqual(x: Address, y: Address): number
  _mclBnFp2_squareRoot(out: Address, x: Address): number
  _mclBnFr_setLittleEndian(out: Address, bytes: Address, length: number): number
  /** Gives the length, without zeros at the end; the rest is left as it was. */
  _mclBnFr_getLittleEndian(bytes: Address, capacity: number, x: Address): number
  _mclBnFr_setInt32(out: Address, value: number): void
  _mclBnFr_add(out: Address, x: Address, y: Address): void
  _mclBnFr_sub(out: Address, x: Address, y: Address): void
  _mclBnFr_mul(out: Address, x: Address, y: Address): void
  _mclBnG1_neg(out: Address, x: Address): void
  _mclBnG1_add(out: Address, x: Address, y: Address): void
  _mclBnG1_sub(out: Address, x: Address, y: Address): void
  _mclBnG1_dbl(out: Address, x: Address): void
  _mclBnG1_normalizeVec(out: Address, points: Address, count: number): void
  _mclBnG1_mul(out: Address, x: Address, scalar: Address): void
  _mclBnG1_mulVec(out: Address, points: Address, scalars: Address, count: number): void
  _mclBnG2_dbl(out: Address, x: Address): void
  _mclBnG2_add(out: Address, x: Address, y: Address): void
  _mclBnG2_sub(out: Address, x: Address, y: Address): void
  _mclBnG2_isEqual(x: Address, y: Address): number
  _mclBnGT_isEqual(x: Address, y: Address): number
  _mclBn_millerLoopVec(out: Address, g1: Address, g2: Address, count: number): void
  _mclBn_finalExp(out: Address, x: Address): void
}

/** mcl on BN254, and a way to write to its heap. */
export interface Heap {
  readonly mcl: Mcl
  /** Reserves memory that nothing frees before `release`. */
  reserve(bytes: number): Address
  write(address: Address, bytes: Uint8Array): void
  read(address: Address, length: number): Uint8Array
  copy(to: Address, from: Address, length: number): void
  fill(address: Address, length: number): void
  /** Frees all that was reserved. */
  release(): void
}

let loading: Promise<Mcl> | undefined

/** Opens a heap on mcl's one instance of this thread, which is compiled with the first. */
export async function openHeap(): Promise<Heap> {
  loading ??= loadMcl()
  const mcl = await loading
  let view = new Uint8Array(mcl.wasmMemory.buffer)
  const reserved: Address[] = []
  const bytes = () => {
    // Memory that has grown has another buffer.
    if (view.buffer !== mcl.wasmMemory.buffer) view = new Uint8Array(mcl.wasmMemory.buffer)
    return view
  }
  return {
    mcl,
    reserve(length) {
      const address = mcl._malloc(length)
      if (address === 0) throw new ProofError('No memory left to verify in', { code: 'VERIFIER_FAILED' })
      reserved.push(address)
      return address
    },
    write: (address, from) => bytes().set(from, address),
    read: (address, length) => bytes().slice(address, address + length),
    copy: (to, from, length) => void bytes().copyWithin(to, from, from + length),
    fill: (address, length) => void bytes().fill(0, address, address + length),
    release() {
      for (const address of reserved.splice(0)) mcl._free(address)
    },
  }
}

async function loadMcl(): Promise<Mcl> {
  const imported = await import('mcl-wasm') // large: only who verifies loads it
  // Loaders that honour __esModule, bundlers among them, give no default.
  const library = (imported.default as typeof imported.default | undefined) ?? imported
  await library.init(library.BN_SNARK1)
  return (library as unknown as { mod: Mcl }).mod
}
