import { keccak_256 } from '@noble/hashes/sha3.js'
import { poseidon2 } from './poseidon.ts'
import { HASHES_WASM } from './generated/hashes-wasm.ts'
import { CHANGE_KINDS, RECORD_BYTES, recordPreimage } from './ledger-record.ts'

/** Bytes of a node of a tree: a field element, little-endian. */
export const NODE_BYTES = 32
const PAIR_BYTES = 2 * NODE_BYTES
/** Where the number of members stands in the ledger word, as four bytes, big-endian. */
const COUNT_AT = 28

/**
 * Hashes of public data in bulk. Neither engine runs in constant time: what is secret is hashed elsewhere
 * (identity.ts), and one at a time.
 */
export interface BulkHashes {
  /** `wasm`: our own WebAssembly; `scalar`: BigInt and noble, where WebAssembly is not allowed. */
  readonly engine: 'wasm' | 'scalar'
  /** Poseidon(left, right) of each 64 bytes of `pairs`, as 32 bytes in `out`; all values below the field's order. */
  hashPairs(pairs: Uint8Array, out: Uint8Array): void
  /** Moves the ledger word on, in place, over records of 64 bytes (ledger-record.ts): see nextLedgerHash. */
  chainLedger(hash: Uint8Array, records: Uint8Array): void
}

let best: BulkHashes | undefined

/** The fastest engine that works here; it is compiled at the first call and kept. */
export function bulkHashes(): BulkHashes {
  return (best ??= wasmHashes() ?? scalarHashes)
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer }
  hashPairs(out: number, pairs: number, count: number): void
  chainLedger(hash: number, records: number, count: number): void
}

/** The WebAssembly engine; undefined where the platform has none or forbids it (a page's security policy). */
export function wasmHashes(): BulkHashes | undefined {
  const exports = instantiate()
  if (!exports) return undefined
  const memory = new Uint8Array(exports.memory.buffer)
  const { heap } = HASHES_WASM
  const inputs = heap + NODE_BYTES
  // Results are written behind the inputs; a batch of records needs no results.
  const batch = Math.floor((HASHES_WASM.memory - inputs) / (PAIR_BYTES + NODE_BYTES))
  const results = inputs + batch * PAIR_BYTES

  return {
    engine: 'wasm',
    hashPairs(pairs, out) {
      const count = pairs.length / PAIR_BYTES
      for (let done = 0; done < count; done += batch) {
        const size = Math.min(batch, count - done)
        memory.set(pairs.subarray(done * PAIR_BYTES, (done + size) * PAIR_BYTES), inputs)
        exports.hashPairs(results, inputs, size)
        out.set(memory.subarray(results, results + size * NODE_BYTES), done * NODE_BYTES)
      }
    },
    chainLedger(hash, records) {
      const count = records.length / RECORD_BYTES
      memory.set(hash, heap)
      for (let done = 0; done < count; done += batch) {
        const size = Math.min(batch, count - done)
        memory.set(records.subarray(done * RECORD_BYTES, (done + size) * RECORD_BYTES), inputs)
        exports.chainLedger(heap, inputs, size)
      }
      hash.set(memory.subarray(heap, heap + NODE_BYTES))
    },
  }
}

function instantiate(): Exports | undefined {
  try {
    const bytes = Uint8Array.from(atob(HASHES_WASM.base64), (char) => char.charCodeAt(0))
    return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as unknown as Exports
  } catch {
    return undefined // the scalar engine gives the same values
  }
}

/** The engine without WebAssembly. */
export const scalarHashes: BulkHashes = {
  engine: 'scalar',
  hashPairs(pairs, out) {
    for (let at = 0; at * PAIR_BYTES < pairs.length; at++) {
      const left = readNode(pairs, 2 * at)
      const right = readNode(pairs, 2 * at + 1)
      writeNode(out, at, poseidon2([left, right]))
    }
  },
  chainLedger(hash, records) {
    const view = new DataView(hash.buffer, hash.byteOffset, hash.length)
    for (let at = 0; at < records.length; at += RECORD_BYTES) {
      const members = view.getUint32(COUNT_AT) + (records[at] === CHANGE_KINDS.registered ? 1 : 0)
      hash.set(keccak_256(recordPreimage(hash, records.subarray(at, at + RECORD_BYTES))))
      view.setUint32(COUNT_AT, members)
    }
  },
}

/** Poseidon(left, right) of public values below the field's order. */
export function hashPair(left: bigint, right: bigint): bigint {
  const pair = new Uint8Array(PAIR_BYTES)
  writeNode(pair, 0, left)
  writeNode(pair, 1, right)
  const out = new Uint8Array(NODE_BYTES)
  bulkHashes().hashPairs(pair, out)
  return readNode(out, 0)
}

/** Node number `at` of `nodes`. */
export function readNode(nodes: Uint8Array, at: number): bigint {
  const view = new DataView(nodes.buffer, nodes.byteOffset + at * NODE_BYTES, NODE_BYTES)
  const word = (index: number) => view.getBigUint64(8 * index, true)
  return word(0) | (word(1) << 64n) | (word(2) << 128n) | (word(3) << 192n)
}

/** Writes node number `at` of `nodes`. */
export function writeNode(nodes: Uint8Array, at: number, value: bigint): void {
  const view = new DataView(nodes.buffer, nodes.byteOffset + at * NODE_BYTES, NODE_BYTES)
  for (let word = 0; word < 4; word++) {
    view.setBigUint64(8 * word, BigInt.asUintN(64, value >> BigInt(64 * word)), true)
  }
}
