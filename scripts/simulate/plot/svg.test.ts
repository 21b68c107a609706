import { describe, expect, it } from 'vitest'
import type { Plot } from '../outcome.ts'
import { scaleOf, tickText } from './scale.ts'
import { svgOf } from './svg.ts'

const PLOT: Plot = {
  file: 'a',
  title: 'Costs & gains <here>',
  x: { label: 'gas price, gwei', log: true },
  y: { label: 'tokens' },
  lines: [
    {
      name: 'one',
      points: [
        [0.01, 0],
        [1, 5],
        [100, 10],
      ],
    },
    {
      name: 'a name that is longer than what fits into one line',
      points: [
        [0.01, 1],
        [100, -10],
      ],
    },
  ],
  marks: [{ x: 1, name: 'stated' }],
}

describe('a plot', () => {
  it('shows title, axes, every line and its name, and is the same each time', () => {
    const svg = svgOf(PLOT)
    expect(svg).toBe(svgOf(PLOT))
    for (const text of [
      'Costs &amp; gains &lt;here&gt;',
      'gas price, gwei',
      'tokens',
      '>one<',
      '>stated<',
      'prefers-color-scheme:dark',
    ])
      expect(svg).toContain(text)
    expect(svg.match(/<path class="l\d"/g)).toHaveLength(2)
    expect(svg).not.toMatch(/NaN|Infinity|undefined/)
  })

  it('leaves a gap for what a logarithmic axis has no place for', () => {
    const y = { label: 'tokens', log: true }
    const points: [number, number][] = [
      [1, 1],
      [2, 2],
      [3, 0],
      [4, 4],
      [5, 5],
    ]
    const svg = svgOf({ ...PLOT, y, lines: [{ name: 'one', points }] })
    const [, path] = /<path class="l0" d="([^"]*)"/.exec(svg)!
    expect(path!.match(/M/g)).toHaveLength(2)
    expect(svg).not.toMatch(/NaN|Infinity/)
  })
})

describe('an axis', () => {
  it('maps its ends to its pixels', () => {
    const linear = scaleOf({ values: [0, 10], log: false, from: 0, to: 100 })
    expect([linear.at(0), linear.at(5), linear.at(10)]).toEqual([0, 50, 100])
    const logarithmic = scaleOf({ values: [1, 100], log: true, from: 100, to: 0 })
    expect([logarithmic.at(1), logarithmic.at(10), logarithmic.at(100)]).toEqual([100, 50, 0])
    expect(logarithmic.at(0)).toBeUndefined()
  })

  it.each([
    [0, '0'],
    [0.001, '0.001'],
    [1e-6, '10⁻⁶'],
    [2e-5, '2·10⁻⁵'],
    [5_000, '5,000'],
    [20_000, '20 k'],
    [3e6, '3 M'],
    [-100, '-100'],
  ])('writes %s as %s', (value, text) => expect(tickText(value)).toBe(text))
})
