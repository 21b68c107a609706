import type { Gate, Row } from './row.ts'

/** Milliseconds of CPU of every thread of this process, or another measure that the caller gave. */
export interface Sample {
  readonly median: number
  readonly min: number
}

export interface Contest {
  readonly ours: () => unknown
  /** In the order in which they are shown; the first is the one that ratios refer to. */
  readonly peers?: Readonly<Record<string, () => unknown>>
}

export interface CompareOptions {
  readonly rounds?: number
  /** How often a contestant runs in a round; its sample is the mean of those runs. For what takes microseconds. */
  readonly repeat?: Readonly<Record<string, number>>
  /** What a run costs; CPU milliseconds of this process by default. */
  readonly measure?: (task: () => unknown, repeat: number) => Promise<number>
}

export interface Result {
  readonly ours: Sample
  readonly peers: Readonly<Record<string, Sample>>
}

export interface RowText {
  readonly metric: string
  readonly unit?: string
  readonly gate?: Gate
}

/** What a benchmark is given. */
export interface Tools {
  /** Runs all contestants in turn, round by round, after one warm-up round that does not count. */
  compare(contest: Contest, options?: CompareOptions): Promise<Result>
  /** A row of a comparison in which less is better. */
  row(result: Result, text: RowText): Row
  /** Says what is going on, on standard error. */
  note(text: string): void
  /** Keeps figures that are no rows beside them, as `details` of the results. */
  keep(details: Readonly<Record<string, unknown>>): void
}

const MIN_ROUNDS = 10

export function benchTools(note: (text: string) => void, keep: Tools['keep'] = () => undefined): Tools {
  return { compare, row, note, keep }
}

async function compare({ ours, peers = {} }: Contest, options: CompareOptions = {}): Promise<Result> {
  const { rounds = MIN_ROUNDS, repeat = {}, measure = cpuMs } = options
  const contestants = Object.entries({ ours, ...peers })
  const samples = new Map(contestants.map(([name]) => [name, [] as number[]]))
  for (let round = -1; round < rounds; round++) {
    for (const [name, task] of contestants) {
      const cost = await measure(task, repeat[name] ?? 1)
      if (round >= 0) samples.get(name)!.push(cost)
    }
  }
  const of = (name: string) => sampleOf(samples.get(name)!)
  return { ours: of('ours'), peers: Object.fromEntries(Object.keys(peers).map((name) => [name, of(name)])) }
}

/** CPU of all threads of this process, user and system. */
export async function cpuMs(task: () => unknown, repeat: number): Promise<number> {
  const before = process.cpuUsage()
  for (let run = 0; run < repeat; run++) await task()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000 / repeat
}

export function sampleOf(values: readonly number[]): Sample {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
  return { median, min: sorted[0]! }
}

function row({ ours, peers }: Result, { metric, unit = 'ms CPU', gate }: RowText): Row {
  const medians = Object.fromEntries(Object.entries(peers).map(([name, { median }]) => [name, median]))
  const [first] = Object.values(medians)
  const ratio = first === undefined ? null : first / ours.median
  return { metric, unit, ours: ours.median, min: ours.min, peers: medians, ratio, gate: gate ?? null }
}
