import type { Family, MetricType, Sample } from './exposition.ts'
import type { Counts, Readings } from './readings.ts'

/** A metric by its catalogue entry (docs/metrics.md), and how it is read. */
export interface Metric {
  readonly name: string
  readonly type: MetricType
  readonly labels: readonly string[]
  readonly help: string
  /** None where there is nothing to tell, as of a part that does not run. */
  read(now: Readings): readonly Sample[]
}

type Plain = Pick<Metric, 'name' | 'type' | 'help'>
const GAUGE = 'gauge'

/** One value; undefined leaves it out. */
export function value(metric: Plain, read: (now: Readings) => number | undefined): Metric {
  return {
    ...metric,
    labels: [],
    read(now) {
      const found = read(now)
      return found === undefined ? [] : [{ value: found }]
    },
  }
}

/** Values under one label, whose values are few and of this code. */
export function values(metric: Plain, label: string, read: (now: Readings) => Counts): Metric {
  return {
    ...metric,
    labels: [label],
    read: (now) =>
      Object.entries(read(now)).map(([name, count = 0]) => ({ labels: { [label]: name }, value: count })),
  }
}

/** Values under several labels, of counts whose names have their values with a space between. */
export function table(metric: Plain, labels: readonly string[], read: (now: Readings) => Counts): Metric {
  return {
    ...metric,
    labels,
    read: (now) =>
      Object.entries(read(now)).map(([names, count = 0]) => ({
        labels: Object.fromEntries(names.split(' ').map((name, at) => [labels[at]!, name])),
        value: count,
      })),
  }
}

/** Which of the possible states holds: 1 for these, 0 for the others. */
export function states(
  metric: Omit<Plain, 'type'>,
  label: string,
  all: readonly string[],
  read: (now: Readings) => readonly string[],
): Metric {
  return values({ ...metric, type: GAUGE }, label, (now) => {
    const holds = read(now)
    return Object.fromEntries(all.map((name) => [name, holds.includes(name) ? 1 : 0]))
  })
}

export function familyOf({ name, type, help, read }: Metric, now: Readings): Family {
  return { name, type, help, samples: read(now) }
}
