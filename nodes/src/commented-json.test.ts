import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCommentedJson } from './commented-json.ts'

describe('parseCommentedJson', () => {
  it('reads over comments, and leaves what stands in quotes', () => {
    const text = '// a node\n{\n  "url": "http://127.0.0.1", // "here"\n  "shards": 8 // of all\n}\n// end'
    expect(parseCommentedJson(text)).toEqual({ url: 'http://127.0.0.1', shards: 8 })
  })

  it('reads whatever JSON says, with a comment behind every line', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, comment) => {
        const lines = JSON.stringify(value, null, 2).split('\n')
        const commented = lines.map((line) => `${line} // ${comment.replaceAll(/[\n\r]/g, ' ')}`)
        expect(parseCommentedJson(commented.join('\n'))).toEqual(JSON.parse(lines.join('\n')))
      }),
    )
  })

  it('throws SyntaxError for what is no JSON without its comments', () => {
    for (const text of ['', '// only', '{"a": 1 /* b */}', '{"a": // 1\n}', '"http://'])
      expect(() => parseCommentedJson(text)).toThrow(SyntaxError)
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseCommentedJson(text)
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError)
        }
      }),
    )
  })
})
