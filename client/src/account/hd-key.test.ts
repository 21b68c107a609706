import fc from 'fast-check'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { HDKey } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { HARDENED, privateKeyAt } from './hd-key.ts'

const h = (index: number) => index + HARDENED
const indices = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: 5 })

describe('private keys below a seed', () => {
  // https://github.com/bitcoin/bips/blob/master/bip-0032.mediawiki, test vectors 1, 2 and 3 (leading zeros).
  it.each([
    ['000102030405060708090a0b0c0d0e0f', [], 'e8f32e723decf4051aefac8e2c93c9c5b214313817cdb01a1494b917c8436b35'],
    ['000102030405060708090a0b0c0d0e0f', [h(0), 1, h(2), 2, 1_000_000_000], '471b76e389e528d6de6d816857e012c5455051cad6660850e58372a6c3e6e7c8'],
    [
      '4b381541583be4423346c643850da4b320e46a87ae3d2a4e6da11eba819cd4acba45d239319ac14f863b8d5ab5a0d0c64d2e8a1e7d1457df2e5a3c51c73235be',
      [h(0)],
      '491f7a2eebc7b57028e0d3faa0acda02e75c33b03c48fb288c41e2ea44e1daef',
    ],
  ])('are those of BIP-32: %s %j', (seed, path, key) => {
    expect(bytesToHex(privateKeyAt(hexToBytes(seed), path))).toBe(key)
  }) // prettier-ignore

  it('are those of an independent implementation', () => {
    const seeds = fc.uint8Array({ minLength: 64, maxLength: 64 })
    const property = fc.property(seeds, indices, (seed, path) => {
      const theirs = path.reduce((key, index) => key.deriveChild(index), HDKey.fromMasterSeed(seed))
      expect(bytesToHex(privateKeyAt(seed, path))).toBe(bytesToHex(theirs.privateKey!))
    })
    fc.assert(property, { numRuns: 25 })
  })
})
