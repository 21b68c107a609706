import type { Row } from './row.ts'
import type { Tools } from './tools.ts'

export type { Gate, Row } from './row.ts'

/** The default export of `test/bench/NAME-….bench.ts`; all files of one name are shown as one table. */
export interface Bench {
  readonly name: string
  readonly title: string
  run(tools: Tools): Promise<readonly Row[]>
  /** Shows the rows, if the common table doesn't do. */
  table?(rows: readonly Row[]): string
}

/** True unless a part of the gate is missed. */
export function isMet({ ours, ratio, gate }: Row): boolean {
  if (gate === null) return true
  if (ours === null) return false
  if (gate.ratio !== undefined && (ratio === null || ratio < gate.ratio)) return false
  if (gate.atMost !== undefined && ours > gate.atMost) return false
  return gate.atLeast === undefined || ours >= gate.atLeast
}
