import { describe, expect, it } from 'vitest'
import { createOutput } from './output.ts'
import { inBytes, inMessages, progressBar } from './progress-bar.ts'
import { catalogueOf, type Language } from './texts/language.ts'

function terminal(isTTY: boolean, language: Language = 'en') {
  const written: string[] = []
  const stderr = { isTTY, write: (text: string) => written.push(text) }
  const output = createOutput({ stdout: stderr, stderr }, false, catalogueOf(language))
  return { written, session: { world: { stderr }, output } }
}

describe('progressBar', () => {
  it('shows share and count on a terminal, ten times a second at most, and goes away', async () => {
    const { written, session } = terminal(true)
    let now = 0
    const bar = progressBar(session, inMessages, 2_000, () => now)
    bar.show(500)
    now = 50
    bar.show(600)
    now = 100
    bar.show(2_000)
    expect(await bar.end(Promise.resolve('done'))).toBe('done')
    expect(written).toEqual([
      '\r[########......................] 25 %, 500 of 2,000 messages',
      `\r[${'#'.repeat(30)}] 100 %, 2,000 of 2,000 messages`,
      '\r\u001b[K',
    ])
  })

  it('speaks the language of the reader', () => {
    const { written, session } = terminal(true, 'zh-Hans')
    progressBar(session, inBytes, 4_000).show(1_000)
    progressBar(session, inMessages).show(7)
    expect(written).toEqual(['\r[########......................] 25 %，1,000 / 4,000 字节', '\r7 条消息'])
  })

  it('writes nothing where nobody looks', async () => {
    const { written, session } = terminal(false)
    const bar = progressBar(session, inMessages, 10)
    bar.show(5)
    await expect(bar.end(Promise.reject(new RangeError('no')))).rejects.toThrow('no')
    expect(written).toEqual([])
  })
})
