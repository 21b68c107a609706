import { formatAmount } from '../../amounts.ts'
import type { Locale, Unit } from '../agreed.ts'

/** An exact amount with the token's symbol: `12.5 TEA`. */
export const money = (amount: bigint, { symbol, decimals }: Unit): string =>
  `${formatAmount(amount, decimals)} ${symbol}`

/** A second in UTC, the same in every language and place: `2026-11-26 12:00:00 UTC`. */
export function stamp(unixSeconds: number): string {
  const ms = unixSeconds * 1_000
  // What no calendar of the platform reaches is told as the chain has it.
  if (!(ms <= 8.64e15)) return `second ${unixSeconds}`
  return `${new Date(ms).toISOString().slice(0, -5).replace('T', ' ')} UTC`
}

const PARTS = [
  { seconds: 86_400, en: 'd', 'zh-Hans': '天' },
  { seconds: 3_600, en: 'h', 'zh-Hans': '小时' },
  { seconds: 60, en: 'min', 'zh-Hans': '分钟' },
  { seconds: 1, en: 's', 'zh-Hans': '秒' },
] as const

/** A time span without rounding: `1 d 12 h`. */
export function span(seconds: number, locale: Locale): string {
  let rest = seconds
  const parts = PARTS.flatMap((part) => {
    const count = Math.floor(rest / part.seconds)
    rest -= count * part.seconds
    return count > 0 ? [`${count} ${part[locale]}`] : []
  })
  return parts.join(' ') || `0 ${PARTS[3][locale]}`
}

/** Basis points as a percentage without rounding: `2.5%`. */
export const percent = (bps: number): string => `${formatAmount(BigInt(bps), 2)}%`
