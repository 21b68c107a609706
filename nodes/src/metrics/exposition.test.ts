import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { histogram } from '../histogram.ts'
import { exposition } from './exposition.ts'
import { parseExposition } from './testing/parse.ts'

describe('the text format', () => {
  it('is what the specification shows', () => {
    const text = exposition([
      {
        name: 'http_requests_total',
        type: 'counter',
        help: 'The total number of HTTP requests.',
        samples: [
          { labels: { method: 'post', code: '200' }, value: 1027 },
          { labels: { method: 'post', code: '400' }, value: 3 },
        ],
      },
      { name: 'none', type: 'gauge', help: 'Nothing to tell', samples: [] },
      { name: 'far', type: 'gauge', help: 'A \\ and a\nline', samples: [{ value: Infinity }] },
    ])
    expect(text).toBe(
      [
        '# HELP http_requests_total The total number of HTTP requests.',
        '# TYPE http_requests_total counter',
        'http_requests_total{method="post",code="200"} 1027',
        'http_requests_total{method="post",code="400"} 3',
        '# HELP far A \\\\ and a\\nline',
        '# TYPE far gauge',
        'far +Inf',
        '',
      ].join('\n'),
    )
  })

  it('has cumulative buckets, with one for all', () => {
    const seconds = histogram([0.1, 1])
    for (const value of [0.05, 0.1, 0.5, 7]) seconds.observe(value)
    const text = exposition([
      { name: 's', type: 'histogram', help: 'h', samples: [{ labels: { of: 'x' }, value: seconds.read() }] },
    ])
    expect(text.split('\n').slice(2, -1)).toEqual([
      's_bucket{of="x",le="0.1"} 2',
      's_bucket{of="x",le="1"} 3',
      's_bucket{of="x",le="+Inf"} 4',
      's_sum{of="x"} 7.65',
      's_count{of="x"} 4',
    ])
  })

  it('keeps whatever a label says on its line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.double({ noNaN: true }), (label, value) => {
        const { lines } = parseExposition(
          exposition([{ name: 'm', type: 'gauge', help: label, samples: [{ labels: { label }, value }] }]),
        )
        expect(lines).toEqual([{ name: 'm', labels: { label }, value: value === 0 ? 0 : value }])
      }),
    )
  })
})
