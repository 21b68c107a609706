import { X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { GAS } from '@teahouse/protocol/chain'
import { say, shown, type Said } from '../texts/say.ts'
import type { NodeConfig } from './folder.ts'

const DAY_SECONDS = 86_400
const DAY_MS = DAY_SECONDS * 1_000

/** How many days are left of something; null if it does not end as far as can be told. */
export interface DaysLeft {
  readonly days: number | null
  /** What the number comes from. */
  readonly because: Said
}

export interface GasUse {
  /** Wei at the node key. */
  readonly coins: bigint
  /** Wei for a unit of gas. */
  readonly gasPrice: bigint
  /** What the key has sent since then, unix seconds. */
  readonly transactions: number
  readonly since: number
  readonly now: number
}

/** At the rate at which the node key has sent transactions so far, each as dear as collecting a voucher. */
export function gasDays({ coins, gasPrice, transactions, since, now }: GasUse): DaysLeft {
  const left = Number(coins / (BigInt(GAS.PaymentChannels.collect) * gasPrice || 1n))
  if (transactions === 0 || since === 0)
    return { days: null, because: say`enough for ${left} settlements; the node has sent nothing yet` }
  const aDay = transactions / Math.max((now - since) / DAY_SECONDS, 1 / 24)
  return {
    days: rounded(left / aDay),
    because: say`enough for ${left} settlements, ${rounded(aDay)} sent a day`,
  }
}

export interface StakeUse {
  readonly staked: bigint
  readonly minimum: bigint
  readonly thawing: bigint
  readonly thawedAt: number
  readonly now: number
}

/** Stake does not run out by itself: it ends by a thaw that takes it below what serving needs, or by a slash. */
export function stakeDays({ staked, minimum, thawing, thawedAt, now }: StakeUse): DaysLeft {
  if (staked >= minimum)
    return { days: null, because: say`enough to serve, and it does not run out by itself` }
  if (thawing > 0n)
    return {
      days: until(thawedAt, now),
      because: say`what is left is too little to serve; the rest thaws until then`,
    }
  return { days: 0, because: say`too little to serve` }
}

/** The membership of the node, by which it proves for others. */
export function membershipDays(expiry: number | undefined, now: number): DaysLeft {
  if (expiry === undefined) return { days: null, because: say`the node has no membership` }
  return { days: until(expiry, now), because: say`until its term is over: teahouse membership renew` }
}

/** The certificate for secure WebSocket. */
export async function certificateDays(
  { net: { tls } }: Pick<NodeConfig, 'net'>,
  now: number,
): Promise<DaysLeft> {
  if (!tls) return { days: null, because: say`no certificate is configured` }
  try {
    const { validTo } = new X509Certificate(await readFile(tls.certFile))
    return {
      days: until(Date.parse(validTo) / 1_000, now),
      because: say`valid until ${new Date(validTo).toISOString()}`,
    }
  } catch {
    return { days: 0, because: say`${tls.certFile} can't be read as a certificate` }
  }
}

/** A running node renews its offers by itself; one that is down lets them run out. */
export function offerDays({ payments }: Pick<NodeConfig, 'payments'>, isUp: boolean): DaysLeft {
  if (isUp) return { days: null, because: say`the node renews them while it runs` }
  const { offerValidSeconds } = payments
  return {
    days: 0,
    because: say`the node is down; what it offered last ends at most ${offerValidSeconds} s after it stopped`,
  }
}

export interface DiskUse {
  readonly used: number
  readonly free: number
  readonly limit: number | null
}

/** At the rate at which the data folder has grown since it was made. */
export async function diskDays(
  { dataDir }: Pick<NodeConfig, 'dataDir'>,
  disk: DiskUse,
  now: number,
): Promise<DaysLeft> {
  const room = Math.max(0, Math.min(disk.free, disk.limit === null ? Infinity : disk.limit - disk.used))
  const made = await stat(join(dataDir, 'chain.json')).catch(() => undefined)
  const age = made ? now * 1_000 - made.birthtimeMs : 0
  if (age < DAY_MS)
    return { days: null, because: say`${megabytes(room)} free; too early to tell how fast it fills` }
  const aDay = disk.used / (age / DAY_MS)
  return { days: rounded(room / aDay), because: say`${megabytes(room)} free, ${megabytes(aDay)} more a day` }
}

/** The same in English, for --json. */
export const daysJson = (left: Readonly<Record<string, DaysLeft>>) =>
  Object.fromEntries(
    Object.entries(left).map(([what, { days, because }]) => [what, { days, because: shown(because) }]),
  )

const until = (unixSeconds: number, now: number): number =>
  rounded(Math.max(0, unixSeconds - now) / DAY_SECONDS)
const rounded = (value: number): number => Math.round(value * 10) / 10
const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6).toLocaleString('en')} MB`
