import type { Candidate } from './candidates.ts'
import type { SourceName } from './config.ts'

/** One way to hear of other nodes. */
export interface Source {
  readonly name: SourceName
  /** Milliseconds between two looks. */
  readonly everyMs: number
  /** What it knows now. May throw: it is asked again. */
  find(signal: AbortSignal): Promise<readonly Candidate[]>
}
