import type { Assumed } from './assumptions.ts'
import type { Facts } from './facts.ts'

/** A line of a plot; x ascends. */
export interface Line {
  readonly name: string
  readonly points: readonly (readonly [number, number])[]
}

export interface Axis {
  /** With its unit. */
  readonly label: string
  readonly log?: boolean
}

export interface Plot {
  /** Name of the file, without folder and ending. */
  readonly file: string
  readonly title: string
  readonly x: Axis
  readonly y: Axis
  readonly lines: readonly Line[]
  /** A vertical line: the stated value, or a threshold. */
  readonly marks?: readonly { readonly x: number; readonly name: string }[]
}

export interface Table {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
}

/** Where something stops being true. */
export interface Threshold {
  readonly what: string
  /** Null if it does not change within the range. */
  readonly at: number | null
  readonly stated: number
  readonly unit: string
}

/** What an attack costs whoever tries it, what it brings them, and what it does to others, at the stated values. Tokens. */
export interface Attack {
  readonly name: string
  /** With what being honest would have brought instead. */
  readonly cost: number
  readonly gain: number
  readonly harm: number
  /** What they are counted by: a month, a try. */
  readonly per: string
  /** Known to bring more than it costs; docs/economics.md says what bounds it. */
  readonly pays?: boolean
}

/** Something that must come out; a claim that does not hold fails the run. */
export interface Claim {
  readonly text: string
  readonly holds: boolean
}

export interface Outcome {
  readonly tables: readonly Table[]
  readonly thresholds: readonly Threshold[]
  readonly attacks: readonly Attack[]
  readonly claims: readonly Claim[]
  readonly plots: readonly Plot[]
}

export interface Given {
  readonly facts: Facts
  readonly assumed: Assumed
  readonly seed: number
}

export interface Scenario {
  readonly name: string
  readonly title: string
  /** Takes more than a second. */
  readonly slow?: boolean
  run(given: Given): Outcome
}

/** Five digits that matter: less than what differs between two machines' logarithms. */
export const rounded = (value: number): number =>
  Number.isFinite(value) ? Number(value.toPrecision(5)) : value
