import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readResults } from './files.ts'
import { figure } from './report.ts'

/** Rows of the page whose second and third cells are numbers, by their first. */
function attacksOf(markdown: string): Map<string, readonly [string, string]> {
  const rows = markdown.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
  const attacks = rows.filter((cells) => cells.length === 6 && /^\d[\d.,e-]*$/.test(cells[2] ?? ''))
  return new Map(attacks.map(([, name, cost, gain]) => [name!, [cost!, gain!]]))
}

it('docs/economics.md lists every attack with the figures of the results, and says which of them pay', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/economics.md'), 'utf8')
  const attacks = Object.values(readResults().scenarios).flatMap((outcome) => outcome.attacks)
  const expected = attacks.map(({ name, cost, gain }) => [name, [figure(cost), figure(gain)]] as const)
  expect(attacksOf(page)).toEqual(new Map(expected))
  for (const { name, pays = false } of attacks) {
    const line = page.split('\n').find((row) => row.startsWith(`| ${name} `))!
    expect(line.includes('**pays'), name).toBe(pays)
  }
})
