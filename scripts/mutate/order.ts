import type { Budget, Test, Verdict } from './edr.ts'

/** Tests of one suite that run together; the next step runs only if all of these passed. */
export interface Step {
  readonly suite: string
  readonly tests: readonly string[]
  readonly budget: Budget
}

export interface Order {
  readonly mutant: number
  readonly seed: number
  readonly steps: readonly Step[]
  /** Tests whose failure means nothing. */
  readonly deaf: readonly Test[]
  /** Whether all steps run, whatever fails. */
  readonly toEnd?: boolean
  /** Processor time after which the process gives up, in milliseconds. */
  readonly mostMs: number
}

/** Exit code of a process that gave up. */
export const GAVE_UP = 99

export interface Answer {
  /** The tests that failed, of the first step that has any; of all steps, if all were asked for. */
  readonly failed: readonly Verdict[]
  /** How many tests ran. */
  readonly ran: number
  /** Processor time that they took, in milliseconds. */
  readonly spentMs: number
  /** Marks (in hex) that were passed, if the sources have marks. */
  readonly marks: readonly string[]
}
