import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { bytesToHex, hexToBytes, toRlp } from 'viem'
import { describe, expect, it } from 'vitest'
import { joinMultiaddrs, shardsOf, shardsPair, splitMultiaddrs } from './enr-waku.ts'
import { decodeEnr, encodeEnr, enrFromText, enrToText, MAX_ENR_BYTES } from './enr.ts'
import { WireError } from './errors.ts'

/** The example of EIP-778. */
const KEY = hexToBytes('0xb71c71a67e1177ad4e901695e1b4b9ee17ae16c6668d313eac2f96dbcda3f291')
const TEXT =
  'enr:-IS4QHCYrYZbAKWCBRlAy5zzaDZXJBGkcnh4MHcBFZntXNFrdvJjX04jRzjzCBOonrkTfj499SZuOh8R33Ls8RRcy5wBgmlkgnY0gmlwhH8AAA' +
  'GJc2VjcDI1NmsxoQPKY0yuDUmstAHYpMa2_oxVtw0RW_QAdpzBQA8yWM0xOIN1ZHCCdl8'
const PAIRS = new Map([
  ['ip', Uint8Array.of(127, 0, 0, 1)],
  ['udp', Uint8Array.of(0x76, 0x5f)],
])

describe('a node record', () => {
  it('is read as EIP-778 has it', () => {
    const enr = enrFromText(TEXT)
    expect(enr.seq).toBe(1n)
    expect(bytesToHex(enr.publicKey)).toBe(
      '0x03ca634cae0d49acb401d8a4c6b6fe8c55b70d115bf400769cc1400f3258cd3138',
    )
    expect(enr.pairs).toEqual(PAIRS)
  })

  it('is written to the same bytes', () => {
    expect(enrToText(encodeEnr({ seq: 1n, pairs: PAIRS }, KEY))).toBe(TEXT)
  })

  it('comes back as it was, whatever its pairs', () => {
    const pair = fc.tuple(fc.string({ minLength: 1, maxLength: 8 }), fc.uint8Array({ maxLength: 16 }))
    const own = new Set(['id', 'secp256k1'])
    const pairs = fc
      .array(pair, { maxLength: 4 })
      .map((list) => new Map(list.filter(([key]) => !own.has(key))))
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), pairs, (seq, given) => {
        const read = decodeEnr(encodeEnr({ seq, pairs: given }, KEY))
        expect(read.seq).toBe(seq)
        expect([...read.pairs].sort()).toEqual([...given].map(([k, v]) => [k, Uint8Array.from(v)]).sort())
      }),
      { numRuns: 100 },
    )
  })
})

describe('when it must refuse', () => {
  const ID = [utf8ToBytes('id'), utf8ToBytes('v4')]
  const SECP = [utf8ToBytes('secp256k1'), secp256k1.getPublicKey(KEY, true)]
  const IP = [utf8ToBytes('ip'), Uint8Array.of(1, 2, 3, 4)]
  const signed = (content: Uint8Array[]) => {
    const hash = keccak_256(toRlp(content, 'bytes'))
    return toRlp([secp256k1.sign(hash, KEY, { prehash: false }), ...content], 'bytes')
  }
  const ONE = Uint8Array.of(1)

  it('reads what the cases below are made from', () => {
    expect(decodeEnr(signed([ONE, ...ID, ...IP, ...SECP])).pairs.get('ip')).toEqual(IP[1])
  })

  it.each([
    { given: 'nothing', bytes: new Uint8Array(0) },
    { given: 'keys out of order', bytes: signed([ONE, ...IP, ...ID, ...SECP]) },
    { given: 'a key twice', bytes: signed([ONE, ...ID, ...IP, ...IP, ...SECP]) },
    { given: 'another scheme', bytes: signed([ONE, ID[0]!, utf8ToBytes('v5'), ...SECP]) },
    { given: 'no scheme', bytes: signed([ONE, ...SECP]) },
    { given: 'no key', bytes: signed([ONE, ...ID]) },
    { given: 'a key without a value', bytes: signed([ONE, ...ID, ...SECP, utf8ToBytes('z')]) },
    { given: 'a sequence number with zeros', bytes: signed([Uint8Array.of(0, 1), ...ID, ...SECP]) },
    { given: 'one beyond 64 bits', bytes: signed([new Uint8Array(9).fill(1), ...ID, ...SECP]) },
    { given: 'bytes after it', bytes: Uint8Array.of(...signed([ONE, ...ID, ...SECP]), 0) },
  ])('$given', ({ bytes }) => {
    expect(() => decodeEnr(bytes)).toThrowError(expect.objectContaining({ code: 'MALFORMED' }))
  })

  it('a record over 300 bytes, both ways', () => {
    const large = [ONE, ...ID, ...SECP, utf8ToBytes('z'), new Uint8Array(MAX_ENR_BYTES)]
    expect(() => decodeEnr(signed(large))).toThrowError(expect.objectContaining({ code: 'TOO_LARGE' }))
    const pairs = new Map([['z', new Uint8Array(MAX_ENR_BYTES)]])
    expect(() => encodeEnr({ seq: 1n, pairs }, KEY)).toThrowError(
      expect.objectContaining({ code: 'TOO_LARGE' }),
    )
  })

  it('a record of which one bit is another', () => {
    const bytes = encodeEnr({ seq: 1n, pairs: PAIRS }, KEY)
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const spoiled = bytes.slice()
        spoiled[bit >> 3]! ^= 1 << (bit & 7)
        expect(() => decodeEnr(spoiled)).toThrowError(WireError)
      }),
      { numRuns: 300 },
    )
  })

  it('any bytes and any text, with WireErrors and nothing else', () => {
    const onlyWireErrors = (read: () => unknown) => {
      try {
        read()
      } catch (error) {
        expect(error).toBeInstanceOf(WireError)
      }
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 320 }), (bytes) => onlyWireErrors(() => decodeEnr(bytes))),
      { numRuns: 1_000 },
    )
    fc.assert(
      fc.property(fc.string({ maxLength: 500 }), (line) => onlyWireErrors(() => enrFromText(`enr:${line}`))),
    )
  })
})

describe('cluster and shards', () => {
  it.each([
    { shards: [0, 1, 7], key: 'rs' },
    { shards: [1_023], key: 'rs' },
    { shards: Array.from({ length: 100 }, (_, at) => at * 10), key: 'rsv' },
  ])('come back from $key', ({ shards, key }) => {
    const pair = shardsPair({ clusterId: 1984, shards })
    expect(pair[0]).toBe(key)
    expect(shardsOf(new Map([pair]))).toEqual({ clusterId: 1984, shards })
  })

  it.each(['0x', '0x07c0', '0x07c002', '0x07c0010400'] as const)('are not read from %s', (hex) => {
    expect(shardsOf(new Map([['rs', hexToBytes(hex)]]))).toBeUndefined()
  })
})

describe('multiaddrs', () => {
  it('come back from the bytes of all', () => {
    const some = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 5 })
    fc.assert(
      fc.property(some, (list) => {
        expect(splitMultiaddrs(joinMultiaddrs(list))).toEqual(list.map((bytes) => Uint8Array.from(bytes)))
      }),
    )
  })

  it('are none where a value is cut off', () => {
    expect(splitMultiaddrs(Uint8Array.of(0, 2, 1))).toEqual([])
    expect(splitMultiaddrs(Uint8Array.of(0, 0))).toEqual([])
    expect(splitMultiaddrs(Uint8Array.of(0))).toEqual([])
  })
})
