import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const read = (name: string): string => readFileSync(join(import.meta.dirname, '../..', name), 'utf8')
const [english, chinese] = [read('README.md'), read('README.zh-CN.md')]

/** Commands of the blocks, without what is said of them. */
function commands(text: string): string[] {
  const blocks = [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].filter(([, language]) => language === '')
  return blocks
    .flatMap(([, , block = '']) => block.split('\n'))
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '')
}

/** What stands between backticks outside of blocks, and where links lead. */
const inline = (text: string): string[] => [
  ...new Set([...text.replace(/^```.*?^```$/gms, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)),
]
const links = (text: string): string[] => [
  ...new Set([...text.matchAll(/\]\(([^)]+)\)/g)].map(([, to = '']) => to.replace('.zh-CN', ''))),
]
/** Numbers of the table of a run. */
const measured = (text: string): string[] =>
  [...text.matchAll(/^\|\s*\d+ \|.*$/gm)].map(([row]) =>
    row
      .split('|')
      .slice(-3)
      .join()
      .replace(/[^\d,·–]/g, ''),
  )

describe('the README in Chinese', () => {
  it('has the commands, links and numbers of the English one', () => {
    expect(commands(chinese)).toEqual(commands(english))
    expect(commands(chinese).length).toBeGreaterThan(8)
    expect(inline(english).filter((code) => !inline(chinese).includes(code))).toEqual([])
    expect(links(english).filter((to) => !links(chinese).includes(to))).toEqual([])
    expect(measured(chinese)).toEqual(measured(english))
    expect(measured(chinese).length).toBeGreaterThan(10)
  })

  it('and each leads to the other', () => {
    expect(english).toContain('](README.zh-CN.md)')
    expect(chinese).toContain('](README.md)')
  })
})
