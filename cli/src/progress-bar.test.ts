import { describe, expect, it } from 'vitest'
import { progressBar } from './progress-bar.ts'

function terminal(isTTY: boolean) {
  const written: string[] = []
  return { written, stream: { isTTY, write: (text: string) => written.push(text) } }
}

describe('progressBar', () => {
  it('shows share and count on a terminal, ten times a second at most, and goes away', async () => {
    const { written, stream } = terminal(true)
    let now = 0
    const bar = progressBar(stream, 2_000, () => now)
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

  it('writes nothing where nobody looks', async () => {
    const { written, stream } = terminal(false)
    const bar = progressBar(stream, 10)
    bar.show(5)
    await expect(bar.end(Promise.reject(new RangeError('no')))).rejects.toThrow('no')
    expect(written).toEqual([])
  })
})
