/** Maps values of an axis to pixels, and says where its ticks are. */
export interface Scale {
  /** Undefined for what the axis can't show: 0 and less on a logarithmic one. */
  at(value: number): number | undefined
  readonly ticks: readonly number[]
}

export interface ScaleInit {
  readonly values: readonly number[]
  readonly log: boolean
  /** Pixels of the least and of the greatest value. */
  readonly from: number
  readonly to: number
}

const WANTED_TICKS = 6

export function scaleOf({ values, log, from, to }: ScaleInit): Scale {
  const shown = values.filter((value) => Number.isFinite(value) && (!log || value > 0))
  const [least, most] = [Math.min(...shown), Math.max(...shown)]
  return log ? logarithmic(least, most, from, to) : linear(least, most, from, to)
}

function linear(least: number, most: number, from: number, to: number): Scale {
  const step = niceStep((most - least || 1) / WANTED_TICKS)
  const low = Math.floor(least / step) * step
  const high = Math.max(low + step, Math.ceil(most / step) * step)
  const count = Math.round((high - low) / step)
  return {
    at: (value) => from + ((value - low) / (high - low)) * (to - from),
    ticks: Array.from({ length: count + 1 }, (_, at) => trimmed(low + at * step)),
  }
}

function logarithmic(least: number, most: number, from: number, to: number): Scale {
  const [low, high] = [Math.log10(least), Math.max(Math.log10(least) + 0.3, Math.log10(most))]
  const every = Math.max(1, Math.ceil((high - low) / (WANTED_TICKS + 2)))
  const decades = Array.from(
    { length: Math.floor(high) - Math.ceil(low) + 1 },
    (_, at) => Math.ceil(low) + at,
  )
  const between = high - low < 2.5 ? [1, 2, 5] : [1]
  const ticks =
    between.length > 1
      ? [Math.floor(low), ...decades, Math.ceil(high)].flatMap((e) => between.map((n) => n * 10 ** e))
      : decades.filter((decade) => decade % every === 0).map((decade) => 10 ** decade)
  const inside = (value: number): boolean =>
    Math.log10(value) >= low - 1e-9 && Math.log10(value) <= high + 1e-9
  return {
    at: (value) => (value > 0 ? from + ((Math.log10(value) - low) / (high - low)) * (to - from) : undefined),
    ticks: [...new Set(ticks.map(trimmed))].filter(inside).sort((a, b) => a - b),
  }
}

/** The least of 1, 2, 5 times a power of ten that is not below `step`. */
function niceStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step))
  const times = [1, 2, 5, 10].find((one) => one * power >= step * (1 - 1e-9)) ?? 10
  return times * power
}

const trimmed = (value: number): number => Number(value.toPrecision(12))

/** A tick as people read it: 0.001, 20, 5 k, 2 M, 10⁻⁶. */
export function tickText(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e6) return `${trimmed(value / 1e6)} M`
  if (size >= 1e4) return `${trimmed(value / 1e3)} k`
  if (size > 0 && size < 1e-3) {
    const exponent = Math.floor(Math.log10(size) + 1e-9)
    const times = trimmed(value / 10 ** exponent)
    return `${times === 1 ? '' : `${times}·`}10⁻${superscript(-exponent)}`
  }
  return value.toLocaleString('en', { maximumFractionDigits: 6 })
}

const superscript = (digits: number): string =>
  [...String(digits)].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('')
