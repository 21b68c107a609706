import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pad, SIZE_CLASSES, sizeClass, unpad } from './padding.ts'

const OVERHEAD = 200

describe('what it does', () => {
  it('pads to a class, and takes the padding off again', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3_000 }), (content) => {
        const length = sizeClass(content.length, OVERHEAD) - OVERHEAD
        const padded = pad(content, length)
        expect(padded.length).toBe(length)
        expect(unpad(padded)).toEqual(content)
      }),
    )
  })

  it.each([
    { size: 0, bytes: 1_024 },
    { size: 1_024 - OVERHEAD - 1, bytes: 1_024 },
    { size: 1_024 - OVERHEAD, bytes: 4_096 },
    { size: 4_096 - OVERHEAD, bytes: 16_384 },
    { size: 16_384 - OVERHEAD, bytes: 65_536 },
    { size: 65_536 - OVERHEAD - 1, bytes: 65_536 },
  ])('$size bytes travel in $bytes', ({ size, bytes }) => {
    expect(sizeClass(size, OVERHEAD)).toBe(bytes)
    expect(SIZE_CLASSES).toContain(bytes)
  })

  it('keeps zeros and marks at the end of the content', () => {
    const content = Uint8Array.of(1, 0x80, 0, 0x80, 0)
    expect(unpad(pad(content, 50))).toEqual(content)
  })
})

describe('when it must refuse', () => {
  it('more than the largest class holds, and says how much that is', () => {
    expect(() => sizeClass(65_536 - OVERHEAD, OVERHEAD)).toThrow(
      expect.objectContaining({
        detail: { code: 'TOO_LARGE', size: 65_536 - OVERHEAD, limit: 65_536 - OVERHEAD - 1 },
      }),
    )
    expect(() => pad(new Uint8Array(10), 10)).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }))
  })

  it.each([
    { given: 'nothing', padded: [] },
    { given: 'zeros', padded: [0, 0] },
    { given: 'no mark', padded: [1, 2, 3] },
    { given: 'something after the mark', padded: [1, 0x80, 1, 0] },
  ])('$given', ({ padded }) => {
    expect(() => unpad(Uint8Array.from(padded))).toThrow(expect.objectContaining({ code: 'BAD_PADDING' }))
  })
})
