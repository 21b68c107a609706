import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Mutant } from './mutants.ts'
import type { Result, Status } from './results.ts'

/** Of the mutants that compile and are not equivalent, how many the tests must notice, in percent, in each contract. */
export const LEAST_KILLED = 90

/** File → name of a mutant → why no test can tell it from the contract. */
export type Equivalents = Readonly<Record<string, Readonly<Record<string, string>>>>

export interface Tally {
  readonly file: string
  readonly total: number
  readonly count: Readonly<Record<Status, number>>
  readonly equivalent: readonly Mutant[]
  readonly survivors: readonly Mutant[]
  /** The compiler refuses them. */
  readonly uncompilable: readonly Mutant[]
  readonly notRun: number
  readonly killedPercent: number
  /** Entries of the list of equivalents that are wrong: no such mutant, or a test noticed it. */
  readonly wrong: readonly string[]
}

export function readEquivalents(): Equivalents {
  const path = join(import.meta.dirname, 'equivalents.json')
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Equivalents) : {}
}

export function tally(
  file: string,
  mutants: readonly Mutant[],
  results: ReadonlyMap<string, Result>,
  equivalents: Equivalents,
): Tally {
  const argued = equivalents[file] ?? {}
  const count: Record<Status, number> = { killed: 0, timeout: 0, survived: 0, uncompilable: 0 }
  const equivalent: Mutant[] = []
  const survivors: Mutant[] = []
  const uncompilable: Mutant[] = []
  const wrong: string[] = []
  let notRun = 0
  for (const mutant of mutants) {
    const result = results.get(mutant.id)
    const isArgued = mutant.name in argued
    if (!result) notRun++
    else if (result.status === 'survived' && isArgued) equivalent.push(mutant)
    else {
      count[result.status]++
      if (result.status === 'survived') survivors.push(mutant)
      if (result.status === 'uncompilable') uncompilable.push(mutant)
      if (isArgued) wrong.push(`${mutant.name}: not equivalent, ${result.by ?? result.status}`)
    }
  }
  const names = new Set(mutants.map(({ name }) => name))
  for (const name of Object.keys(argued)) if (!names.has(name)) wrong.push(`${name}: there is no such mutant`)
  const noticed = count.killed + count.timeout
  const all = noticed + count.survived
  const killedPercent = all === 0 ? 100 : (100 * noticed) / all
  const total = mutants.length
  return { file, total, count, equivalent, survivors, uncompilable, notRun, killedPercent, wrong }
}

export function isGood({ killedPercent, notRun, wrong }: Tally): boolean {
  return killedPercent >= LEAST_KILLED && notRun === 0 && wrong.length === 0
}

/** The survivors with what each changes, the equivalents with their argument, and one line of numbers. */
export function describe(tally: Tally, equivalents: Equivalents): string {
  const { file, total, count, equivalent, survivors, uncompilable, notRun, killedPercent, wrong } = tally
  const lines = [
    `${isGood(tally) ? 'ok  ' : 'FAIL'} ${file}: ${killedPercent.toFixed(1)} % killed (${count.killed} killed, ${count.timeout} timed out, ` +
      `${count.survived} survived; not counted: ${equivalent.length} equivalent, ${count.uncompilable} uncompilable${notRun > 0 ? `; ${notRun} not run` : ''}; ${total} in all)`,
  ]
  for (const { id, name, line, operator, before, after } of survivors)
    lines.push(`  survived ${id} line ${line}, ${operator}; ${name}`, `    - ${before}`, `    + ${after}`)
  for (const { name } of equivalent)
    lines.push(`  equivalent ${name}`, `    ${equivalents[file]?.[name] ?? ''}`)
  for (const { name } of uncompilable) lines.push(`  uncompilable ${name}`)
  for (const problem of wrong) lines.push(`  wrong in equivalents.json: ${problem}`)
  return lines.join('\n')
}
