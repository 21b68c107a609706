import type { Verdict } from './verdict.ts'

/** How many messages were accepted, ignored and rejected since the start, by reason. */
export interface ValidationCounts {
  readonly accepted: number
  readonly ignored: Readonly<Record<string, number>>
  readonly rejected: Readonly<Record<string, number>>
}

/** Counts verdicts. */
export function verdictCounter(): { add(verdict: Verdict): void; counts(): ValidationCounts } {
  let accepted = 0
  const ignored: Record<string, number> = {}
  const rejected: Record<string, number> = {}
  return {
    add({ result, code }) {
      if (result === 'accept') accepted++
      else if (result === 'ignore') ignored[code] = (ignored[code] ?? 0) + 1
      else rejected[code] = (rejected[code] ?? 0) + 1
    },
    counts: () => ({ accepted, ignored: { ...ignored }, rejected: { ...rejected } }),
  }
}
