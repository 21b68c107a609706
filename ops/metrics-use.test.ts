import { readFileSync } from 'node:fs'
import { parser } from '@prometheus-io/lezer-promql'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { METRICS } from '../nodes/src/metrics/catalogue.ts'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string }
}
interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: { x: number; y: number; w: number; h: number }
  readonly targets?: { readonly expr: string }[]
}

const { groups } = parse(read('prometheus/alerts.yml')) as { groups: { rules: Rule[] }[] }
const rules = groups.flatMap((group) => group.rules)
const dashboard = JSON.parse(read('grafana/dashboard.json')) as { panels: Panel[] }
const panels = dashboard.panels.filter(({ type }) => type !== 'row')
/** Grafana puts a duration in its place. */
const expressions = [
  ...rules.map(({ alert: name, expr }) => ({ name, expr })),
  ...panels.flatMap(({ title: name, targets = [] }) => targets.map(({ expr }) => ({ name, expr }))),
].map(({ name, expr }) => ({ name, expr: expr.replaceAll('$__rate_interval', '5m') }))

/** What Prometheus adds itself. */
const OWN_METRICS = ['up']
const OWN_LABELS = ['instance', 'job', 'le']

/** Names of metrics, and labels asked about with their metric, of an expression in PromQL. */
function parts(expr: string) {
  const metrics: string[] = []
  const faults: string[] = []
  const matchers: { metric: string; label: string; value: string }[] = []
  parser.parse(expr).iterate({
    enter({ type, from, to, node }) {
      const text = expr.slice(from, to)
      if (type.isError) faults.push(`${from}: ${expr.slice(Math.max(0, from - 10), to + 10)}`)
      if (type.name !== 'VectorSelector') return
      const name = node.getChild('Identifier')
      const metric = name ? expr.slice(name.from, name.to) : text
      metrics.push(metric)
      for (const [, label, value] of text.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"/g))
        matchers.push({ metric, label: label!, value: value! })
    },
  })
  return { metrics, faults, matchers }
}

const metricOf = (name: string) =>
  METRICS.find((metric) => metric.name === name) ??
  METRICS.find(
    ({ name: known, type }) => type === 'histogram' && name.replace(/_(bucket|sum|count)$/, '') === known,
  )

describe('dashboard and alert rules', () => {
  it.each(expressions)('$name is PromQL over metrics that there are: $expr', ({ expr }) => {
    const { metrics, faults, matchers } = parts(expr)
    expect(faults).toEqual([])
    expect(metrics.length).toBeGreaterThan(0)
    for (const name of metrics) if (!OWN_METRICS.includes(name)) expect(metricOf(name), name).toBeDefined()
    for (const { metric, label } of matchers)
      if (!OWN_LABELS.includes(label)) expect(metricOf(metric)?.labels, metric).toContain(label)
  })

  it('take the rate of counters only, and of every counter that is drawn', () => {
    for (const { name, expr } of expressions) {
      for (const [, metric] of expr.matchAll(/\b(?:rate|increase)\((\w+)/g))
        expect(metricOf(metric!)?.type, `${name}: ${metric}`).not.toBe('gauge')
      for (const [, metric] of expr.matchAll(/\b(?:delta|predict_linear)\((\w+)/g))
        expect(metricOf(metric!)?.type, `${name}: ${metric}`).toBe('gauge')
    }
  })
})

describe('the parser that judges them', () => {
  it.each(['sum by (teahouse_connections', 'rate(x[5m)', 'a ++'])('finds the fault of %s', (expr) => {
    expect(parts(expr).faults).not.toEqual([])
  })
})

describe('alert rules', () => {
  it('are named once, and say how urgent they are and what is wrong', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
    for (const { alert, labels, annotations } of rules) {
      expect(alert).toMatch(/^([A-Z][a-z]+)+$/)
      expect(['page', 'ticket']).toContain(labels.severity)
      expect(annotations.summary).toMatch(/^[A-Z].*[^.]$/)
    }
  })
})

describe('the dashboard', () => {
  it('has panels that do not cover each other, each under its own id', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
    const cells = new Set<string>()
    for (const { title, gridPos } of dashboard.panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(x, title).toBeLessThan(24)
          expect(cells.has(`${x} ${y}`), title).toBe(false)
          cells.add(`${x} ${y}`)
        }
    }
  })

  it('shows every area of the catalogue', () => {
    const shown = expressions.flatMap(({ expr }) => parts(expr).metrics.map((name) => metricOf(name)?.name))
    for (const area of [
      'relay',
      'rln',
      'archive',
      'filter',
      'sync',
      'roots',
      'lease',
      'payments',
      'chain',
      'discovery',
      'disk',
      'network',
    ])
      expect(
        shown.some((name) => name?.startsWith(`teahouse_${area}_`)),
        area,
      ).toBe(true)
  })
})
