import type { HistogramCounts } from '../histogram.ts'

export type MetricType = 'counter' | 'gauge' | 'histogram'
export type Labels = Readonly<Record<string, string>>

/** One line, or those of a histogram. */
export interface Sample {
  readonly labels?: Labels
  readonly value: number | HistogramCounts
}

/** A metric and what it is now. */
export interface Family {
  readonly name: string
  readonly type: MetricType
  readonly help: string
  readonly samples: readonly Sample[]
}

/** The media type of what {@link exposition} writes. */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * Prometheus' text format, version 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format). A family without samples is left out.
 */
export function exposition(families: readonly Family[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, type, help, samples }) =>
      [
        `# HELP ${name} ${escapeHelp(help)}`,
        `# TYPE ${name} ${type}`,
        ...samples.flatMap((sample) => linesOf(name, sample)),
        '',
      ].join('\n'),
    )
    .join('')
}

function linesOf(name: string, { labels = {}, value }: Sample): string[] {
  if (typeof value === 'number') return [line(name, labels, value)]
  const buckets = [...value.atMost, [Infinity, value.count] as const]
  return [
    ...buckets.map(([bound, count]) => line(`${name}_bucket`, { ...labels, le: numeral(bound) }, count)),
    line(`${name}_sum`, labels, value.sum),
    line(`${name}_count`, labels, value.count),
  ]
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`)
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${numeral(value)}`
}

function numeral(value: number): string {
  if (value === Infinity) return '+Inf'
  return value === -Infinity ? '-Inf' : String(value)
}

const escapeHelp = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
const escapeLabel = (text: string) => escapeHelp(text).replaceAll('"', '\\"')
