import { CompileError } from './compile.ts'
import type { Mutant } from './mutants.ts'
import { Crashed, Hung } from './pool.ts'

/** The tests are red without any mutant, so nothing can be said about mutants. */
export class RedTests extends Error {
  constructor(failed: readonly string[]) {
    super(`these tests fail without any mutant; make them pass first:\n${failed.join('\n')}`)
  }
}

/** A contract of which no mutant could be run, and why. */
export interface Failure {
  readonly file: string
  readonly reason: string
}

/** A build takes longer by its tests than by its mutants, so contracts share one; but each switch costs gas. */
const MUTANTS_A_BUILD = 500

/** Whole contracts, in their order, as many as one build holds. */
export function batches(mutants: readonly Mutant[], most = MUTANTS_A_BUILD): Mutant[][] {
  const found: Mutant[][] = []
  for (const [, all] of Map.groupBy(mutants, ({ file }) => file)) {
    const last = found.at(-1)
    if (last && last.length + all.length <= most) last.push(...all)
    else found.push([...all])
  }
  return found
}

/**
 * Runs batch after batch. Where one fails for what is in it, its contracts are run one by one, so that one that can't be run
 * stops no other. Answers those that failed alone.
 */
export async function runBatches(
  all: readonly Mutant[][],
  run: (batch: readonly Mutant[]) => Promise<void>,
): Promise<Failure[]> {
  const failures: Failure[] = []
  const waiting = [...all]
  for (let batch = waiting.shift(); batch; batch = waiting.shift()) {
    try {
      await run(batch)
    } catch (error) {
      if (!isOfContracts(error)) throw error
      const alone = batches(batch, 1)
      if (alone.length > 1) waiting.unshift(...alone)
      else failures.push({ file: batch[0]?.file ?? '', reason: error.message })
    }
  }
  return failures
}

function isOfContracts(error: unknown): error is Error {
  return [RedTests, CompileError, Crashed, Hung].some((kind) => error instanceof kind)
}
