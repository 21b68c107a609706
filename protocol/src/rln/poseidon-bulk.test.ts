import fc from 'fast-check'
import { poseidon2 } from 'poseidon-lite/poseidon2'
import {
  concat,
  encodeAbiParameters,
  type Hex,
  keccak256,
  numberToHex,
  parseAbiParameters,
  slice,
  toHex,
} from 'viem'
import { describe, expect, it } from 'vitest'
import { FIELD } from './field.ts'
import { RECORD_BYTES, writeRecord } from './ledger-record.ts'
import {
  type BulkHashes,
  bulkHashes,
  hashPair,
  readNode,
  scalarHashes,
  wasmHashes,
  writeNode,
} from './poseidon-bulk.ts'

/** Where limbs of 29, 32 and 64 bits end, and the ends of the field. */
const EDGES = [
  0n,
  1n,
  FIELD - 1n,
  FIELD - 2n,
  (FIELD - 1n) / 2n,
  ...[29n, 32n, 58n, 64n, 87n, 128n, 145n, 174n, 192n, 203n, 232n, 253n].flatMap((bit) => [
    (1n << bit) - 1n,
    1n << bit,
  ]),
]
const element = fc.oneof(fc.constantFrom(...EDGES), fc.bigInt(0n, FIELD - 1n))

function hashAll(engine: BulkHashes, pairs: readonly (readonly [bigint, bigint])[]): bigint[] {
  const bytes = new Uint8Array(64 * pairs.length)
  pairs.flat().forEach((value, at) => writeNode(bytes, at, value))
  const out = new Uint8Array(32 * pairs.length)
  engine.hashPairs(bytes, out)
  return pairs.map((_, at) => readNode(out, at))
}

const wasm = wasmHashes()!

describe('the WebAssembly of Poseidon', () => {
  it('is what runs here', () => {
    expect(bulkHashes().engine).toBe('wasm')
    expect(wasm.engine).toBe('wasm')
  })

  it('agrees with poseidon-lite on every pair of edges', { timeout: 60_000 }, () => {
    const pairs = EDGES.flatMap((left) => EDGES.map((right) => [left, right] as const))
    expect(hashAll(wasm, pairs)).toEqual(pairs.map(([left, right]) => poseidon2([left, right])))
  })

  it('agrees with poseidon-lite on random pairs, many at a time', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(element, element), { maxLength: 20 }), (pairs) => {
        expect(hashAll(wasm, pairs)).toEqual(pairs.map((pair) => poseidon2(pair)))
        expect(hashAll(scalarHashes, pairs)).toEqual(hashAll(wasm, pairs))
      }),
      { numRuns: 40 },
    )
  })

  it('hashes more than fits its memory at once', () => {
    const pairs = Array.from({ length: 6_000 }, (_, at) => [BigInt(at), BigInt(at) ** 20n % FIELD] as const)
    const hashes = hashAll(wasm, pairs)
    for (const at of [0, 1, 4_999, 5_400, 5_999]) expect(hashes[at]).toBe(poseidon2([...pairs[at]!]))
    expect(new Set(hashes).size).toBe(pairs.length)
  })

  it('hashes a single pair', () => {
    expect(hashPair(3n, FIELD - 1n)).toBe(poseidon2([3n, FIELD - 1n]))
  })
})

describe('the ledger word', () => {
  const ABI = parseAbiParameters('bytes32, uint8, uint32, uint256, address, uint16, uint40')
  const record = fc.record({
    kind: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 255 })),
    index: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    idCommitment: fc.bigInt(0n, 2n ** 256n - 1n),
    holder: fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => toHex(bytes)),
    rateLimit: fc.integer({ min: 0, max: 65_535 }),
    expiry: fc.integer({ min: 0, max: 2 ** 40 - 1 }),
  })

  /** 28 bytes of the hash, then the number of members. */
  const join = (hash: Hex, members: number): Hex =>
    concat([slice(hash, 0, 28), numberToHex(members, { size: 4 })])
  // Numbers that carry from byte to byte as members join.
  const before = fc.oneof(
    fc.integer({ min: 0, max: 2 ** 32 - 8 }),
    fc.constantFrom(0, 0xff, 0xffff, 0xff_ffff),
  )

  it('is keccak256 of the ABI encoding and the number of members, in both engines', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 6 }), before, (changes, start) => {
        let members = start
        let expected = join(keccak256('0x01'), members)
        const hashes = [wasm, scalarHashes].map((engine) => ({
          engine,
          hash: Buffer.from(expected.slice(2), 'hex'),
        }))
        const records = new Uint8Array(RECORD_BYTES * changes.length)
        changes.forEach((change, at) => {
          writeRecord(records, at, change)
          const { kind, index, idCommitment, holder, rateLimit, expiry } = change
          const values = [expected, kind, index, idCommitment, holder, rateLimit, expiry] as const
          if (kind === 1) members += 1
          expected = join(keccak256(encodeAbiParameters(ABI, values)), members)
        })
        for (const { engine, hash } of hashes) {
          engine.chainLedger(hash, records)
          expect(toHex(hash)).toBe(expected)
        }
      }),
    )
  })
})
