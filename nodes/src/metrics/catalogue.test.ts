import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { METRICS, writeMetrics } from './catalogue.ts'
import { parseExposition } from './testing/parse.ts'
import { BARE, READINGS } from './testing/readings.ts'

const page = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8')

/** The rows of the tables: name, type, labels, meaning, what to do. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('\\|', '|')),
  )
const plain = (cell = '') => cell.replaceAll('`', '')

describe('the catalogue', () => {
  it('is docs/metrics.md, in both directions', () => {
    const documented = rows.map(([name, type, labels, meaning]) => ({
      name: plain(name),
      type,
      labels: plain(labels)
        .split(',')
        .map((label) => label.trim())
        .filter(Boolean),
      meaning,
    }))
    expect(documented).toEqual(
      METRICS.map(({ name, type, labels, help }) => ({ name, type, labels: [...labels], meaning: help })),
    )
  })

  it('says of each what to do when it is bad', () => {
    for (const [name, , , , action] of rows) expect(action, name).toMatch(/\S/)
  })

  it('names each once, by the conventions of Prometheus', () => {
    expect(new Set(METRICS.map(({ name }) => name)).size).toBe(METRICS.length)
    for (const { name, type, labels, help } of METRICS) {
      expect(name).toMatch(/^(teahouse|process|nodejs)(_[a-z]+)+$/)
      expect(name.endsWith('_total'), name).toBe(type === 'counter')
      expect(name).not.toMatch(/milli|_ms(_|$)|kilo|_kb(_|$)|minutes|percent/)
      for (const label of labels) expect(label).toMatch(/^[a-z]+$/)
      expect(help, name).toMatch(/^[A-Z].*[^.]$/)
    }
  })
})

describe.each([
  { given: 'a node that has something to tell of everything', readings: READINGS },
  { given: 'a node that has just started', readings: BARE },
])('what is told of $given', ({ readings }) => {
  const { types, lines } = parseExposition(writeMetrics(readings))

  it('is in the catalogue, with its labels and no others', () => {
    const known = new Map(METRICS.map((metric) => [metric.name, metric]))
    for (const { name, labels, value } of lines) {
      const metric = known.get(name) ?? known.get(name.replace(/_(bucket|sum|count)$/, ''))
      expect(metric, name).toBeDefined()
      expect(types.get(metric!.name)).toBe(metric!.type)
      const own = Object.keys(labels).filter((label) => label !== 'le')
      expect(own, name).toEqual(metric!.labels)
      expect(Number.isFinite(value), name).toBe(true)
    }
  })

  it('is one line a metric and its labels', () => {
    const keys = lines.map(({ name, labels }) => JSON.stringify([name, Object.entries(labels).sort()]))
    expect(new Set(keys).size).toBe(keys.length)
  })
})

it('leaves nothing of the catalogue out when there is something to tell', () => {
  const { types } = parseExposition(writeMetrics(READINGS))
  expect([...types.keys()].sort()).toEqual(METRICS.map(({ name }) => name).sort())
})

it('leaves out what a node has not, rather than saying 0', () => {
  const { types } = parseExposition(writeMetrics(BARE))
  const absent = METRICS.map(({ name }) => name).filter((name) => !types.has(name))
  expect(absent).toEqual([
    'teahouse_disk_limit_bytes',
    'process_open_fds',
    'nodejs_eventloop_delay_seconds',
    'teahouse_relay_mesh_peers',
    'teahouse_archive_up',
    'teahouse_archive_messages',
    'teahouse_network_limit_bytes_per_second',
    'teahouse_certificate_expiry_timestamp_seconds',
    'teahouse_request_duration_seconds',
    'teahouse_requests_refused_total',
    'teahouse_requests_dropped_total',
    'teahouse_coin_balance_wei',
    'teahouse_stake_token_units',
    'teahouse_funds_age_seconds',
  ])
})
