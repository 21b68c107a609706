import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fileName, mediaType } from './file-name.ts'

describe('the name of a file', () => {
  it.each([
    ['photo.jpg', 'photo.jpg'],
    ['茶单 (2).pdf', '茶单 (2).pdf'],
    ['../../.ssh/authorized_keys', 'authorized_keys'],
    ['C:\\Windows\\notes.txt', 'notes.txt'],
    ['.bashrc', 'bashrc'],
    ['..', 'file'],
    ['', 'file'],
    ['a/', 'file'],
    ['invoice\u202efdp.exe', 'invoicefdp.exe'],
    ['a\u0000b\nc\u200b.txt', 'abc.txt'],
    ['CON.txt', '_CON.txt'],
    ['nul . .', '_nul'],
    ['what?.txt', 'what_.txt'],
    ['end. ', 'end'],
    [`${'茶'.repeat(100)}.jpeg`, `${'茶'.repeat(58)}.jpeg`],
  ])('%j becomes %j', (given, name) => expect(fileName(given)).toBe(name))

  it('is one harmless part of a path, whatever it was, and stays what it is', () => {
    const parts = fc.constantFrom(
      '/',
      '\\',
      '.',
      ' ',
      'con',
      '\u202e',
      '\u0301',
      '茶',
      'x'.repeat(90),
      '\ud800',
    )
    const any = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(parts).map((all) => all.join('')),
    )
    fc.assert(
      fc.property(any, (given) => {
        const name = fileName(given)
        expect(name).not.toMatch(/^[. ]|[. ]$|[/\\\p{Cc}\p{Cf}\p{Cs}]|^(con|nul)(\.|$)/iu)
        expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(180)
        expect(name.length).toBeGreaterThan(0)
        expect(fileName(name)).toBe(name)
      }),
    )
  })
})

describe('a media type', () => {
  it.each([
    ['image/JPEG', 'image/jpeg'],
    ['text/plain; charset=utf-8', 'text/plain'],
    ['application/vnd.api+json', 'application/vnd.api+json'],
    ['', 'application/octet-stream'],
    ['text', 'application/octet-stream'],
    ['a/b/c', 'application/octet-stream'],
    ['text/<script>', 'application/octet-stream'],
    [`text/${'x'.repeat(300)}`, 'application/octet-stream'],
  ])('%j becomes %j', (given, type) => expect(mediaType(given)).toBe(type))
})
