import type { Line, Plot } from '../outcome.ts'
import { scaleOf, tickText, type Scale } from './scale.ts'

const WIDTH = 820
const HEIGHT = 440
/** Where the axes are; the names of the lines stand right of them. */
const BOX = { left: 84, right: 570, top: 56, bottom: 372 } as const
const LEGEND = { x: 592, y: 76, line: 34, sample: 30, letters: 24 } as const

/** Told apart by colour, by dashes and by the order of their names; each pair is for a light and for a dark page. */
const STYLES = [
  { light: '#0063a6', dark: '#6cb8ff', dashes: '' },
  { light: '#c24a00', dark: '#ff9d5c', dashes: '9 4' },
  { light: '#00795a', dark: '#4fd8ae', dashes: '3 3' },
  { light: '#9b3f78', dark: '#f0a3d0', dashes: '12 4 3 4' },
  { light: '#7a5c00', dark: '#ecc94b', dashes: '6 2 2 2 2 2' },
  { light: '#555555', dark: '#bbbbbb', dashes: '1 4' },
] as const

const CSS = [
  'svg{background:#fff;font:13px system-ui,sans-serif}',
  '.back{fill:#fff}text{fill:#1c1c1c}.grid{stroke:#e2e2e2}.axis{stroke:#555}.mark{stroke:#888;stroke-dasharray:2 3}',
  'path,line{fill:none}.title{font-size:16px;font-weight:600}.note{font-size:12px}',
  ...STYLES.map(
    ({ light, dashes }, at) =>
      `.l${at}{stroke:${light};stroke-width:2.2;stroke-dasharray:${dashes || 'none'}}`,
  ),
  '@media (prefers-color-scheme:dark){',
  'svg{background:#16181c}.back{fill:#16181c}text{fill:#ececec}.grid{stroke:#33373d}.axis{stroke:#aaa}',
  ...STYLES.map(({ dark }, at) => `.l${at}{stroke:${dark}}`),
  '}',
].join('')

/** Draws a plot. The same plot gives the same bytes. */
export function svgOf(plot: Plot): string {
  const points = plot.lines.flatMap((line) => line.points)
  const marks = plot.marks ?? []
  const x = scaleOf({
    values: [...points.map(([value]) => value), ...marks.map((mark) => mark.x)],
    log: plot.x.log ?? false,
    from: BOX.left,
    to: BOX.right,
  })
  const y = scaleOf({
    values: points.map(([, value]) => value),
    log: plot.y.log ?? false,
    from: BOX.bottom,
    to: BOX.top,
  })
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="t d">`,
    `<title id="t">${escaped(plot.title)}</title>`,
    `<desc id="d">${escaped(`${plot.y.label} over ${plot.x.label}: ${plot.lines.map(({ name }) => name).join('; ')}`)}</desc>`,
    `<style>${CSS}</style>`,
    `<rect class="back" width="${WIDTH}" height="${HEIGHT}"/>`,
    `<text class="title" x="${BOX.left}" y="28">${escaped(plot.title)}</text>`,
    ...axes(plot, x, y),
    ...marks.flatMap((mark) => markOf(mark, x)),
    ...plot.lines.map((line, at) => pathOf(line, at, { x, y })),
    ...plot.lines.flatMap((line, at) => legendOf(line, at)),
    '</svg>',
  ]
  return `${parts.join('\n')}\n`
}

function axes(plot: Plot, x: Scale, y: Scale): string[] {
  const { left, right, top, bottom } = BOX
  const columns = x.ticks.flatMap((tick) => {
    const at = pixels(x.at(tick)!)
    return [
      `<line class="grid" x1="${at}" x2="${at}" y1="${top}" y2="${bottom}"/>`,
      `<text x="${at}" y="${bottom + 18}" text-anchor="middle">${tickText(tick)}</text>`,
    ]
  })
  const rows = y.ticks.flatMap((tick) => {
    const at = pixels(y.at(tick)!)
    return [
      `<line class="grid" x1="${left}" x2="${right}" y1="${at}" y2="${at}"/>`,
      `<text x="${left - 8}" y="${at}" dy="0.35em" text-anchor="end">${tickText(tick)}</text>`,
    ]
  })
  const middle = (top + bottom) / 2
  return [
    ...columns,
    ...rows,
    `<path class="axis" d="M${left} ${top}V${bottom}H${right}"/>`,
    `<text x="${(left + right) / 2}" y="${bottom + 44}" text-anchor="middle">${escaped(plot.x.label)}</text>`,
    `<text x="20" y="${middle}" text-anchor="middle" transform="rotate(-90 20 ${middle})">${escaped(plot.y.label)}</text>`,
  ]
}

function markOf({ x: value, name }: { readonly x: number; readonly name: string }, x: Scale): string[] {
  const at = x.at(value)
  if (at === undefined) return []
  const isRight = at > (BOX.left + BOX.right) / 2
  const place = `x="${pixels(at + (isRight ? -5 : 5))}" y="${BOX.top + 12}" text-anchor="${isRight ? 'end' : 'start'}"`
  return [
    `<line class="mark" x1="${pixels(at)}" x2="${pixels(at)}" y1="${BOX.top}" y2="${BOX.bottom}"/>`,
    `<text class="note" ${place}>${escaped(name)}</text>`,
  ]
}

/** What the axes can't show leaves a gap. */
function pathOf({ points }: Line, at: number, { x, y }: { readonly x: Scale; readonly y: Scale }): string {
  let pen = 'M'
  const steps = points.map(([left, up]) => {
    const [px, py] = [x.at(left), y.at(up)]
    if (px === undefined || py === undefined || !Number.isFinite(px + py)) {
      pen = 'M'
      return ''
    }
    const step = `${pen}${pixels(px)} ${pixels(py)}`
    pen = 'L'
    return step
  })
  return `<path class="l${at % STYLES.length}" d="${steps.join('')}"/>`
}

function legendOf({ name }: Line, at: number): string[] {
  const { x, y, line, sample } = LEGEND
  const top = y + at * line
  return [
    `<line class="l${at % STYLES.length}" x1="${x}" x2="${x + sample}" y1="${top}" y2="${top}"/>`,
    ...wrapped(name).map(
      (text, row) =>
        `<text class="note" x="${x + sample + 8}" y="${top + row * 14}" dy="0.35em">${escaped(text)}</text>`,
    ),
  ]
}

/** In lines that fit right of the plot. */
function wrapped(text: string): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && `${last} ${word}`.length <= LEGEND.letters)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

const pixels = (value: number): number => Math.round(value * 10) / 10

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
