import { bytesToHex, randomBytes } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openBundle, sealBundle } from './bundle-seal.ts'
import { SIZE_CLASSES } from './padding.ts'

const [ALICE, BOB] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]

describe('what it does', () => {
  it.each([1, 900, 4_000, 13_500])('carries a bundle of %s bytes in a size class', (size) => {
    const bundle = randomBytes(size)
    const sealed = sealBundle(ALICE, bundle)
    expect(SIZE_CLASSES).toContain(sealed.length)
    expect(openBundle(ALICE, sealed)).toEqual(bundle)
  })

  it('shows a node neither the account nor that two are of one', () => {
    const bundle = new Uint8Array([...ALICE, ...ALICE])
    const [one, two] = [sealBundle(ALICE, bundle), sealBundle(ALICE, bundle)]
    expect(bytesToHex(one)).not.toContain(bytesToHex(ALICE))
    expect(bytesToHex(one).slice(0, 200)).not.toBe(bytesToHex(two).slice(0, 200))
  })
})

describe('when it must refuse', () => {
  it("another account's, and anything else", () => {
    expect(openBundle(BOB, sealBundle(ALICE, ALICE))).toBeUndefined()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => openBundle(ALICE, bytes) === undefined),
    )
  })
})
