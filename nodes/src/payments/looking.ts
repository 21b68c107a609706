import type { BookedVoucher } from './voucher-book.ts'

/** Channels that a run reads at most, unless more have to be for each to be read often enough. */
const READS = 500
/** Of them, those that nothing points to: a channel may close, or be paid by another node of the payee. */
const OTHERS = 100
/** How often each channel is read within a thaw at least. */
const LOOKS_A_THAW = 4

export interface LookingDeps {
  /** How long a payer who closes a channel has to wait, and how long the node waits between two runs. */
  readonly thawMs: number
  readonly everyMs: number
  /** Below this a voucher waits, in the token's smallest unit. */
  readonly minimum: bigint
}

interface Look {
  readonly run: number
  readonly cumulative: bigint
}

/** Chooses whose channels are read in a run, so that many payers do not mean as many requests to the chain each time. */
export function looking({ thawMs, everyMs, minimum }: LookingDeps) {
  let looks = new Map<string, Look>()
  let run = 0

  /** So many that nobody can close a channel and take the rest out between two looks at it. */
  const needed = (open: number): number => Math.ceil((open * LOOKS_A_THAW * everyMs) / Math.max(thawMs, 1))

  return {
    /** Those with a new voucher that is worth looking, the greatest first; then those that were looked at longest ago. */
    choose(open: readonly BookedVoucher[]): readonly BookedVoucher[] {
      run += 1
      const known = new Map(open.map((voucher) => [keyOf(voucher), looks.get(keyOf(voucher))]))
      const lastRun = (voucher: BookedVoucher) => known.get(keyOf(voucher))?.run ?? 0
      const isNew = (voucher: BookedVoucher) =>
        owed(voucher) >= minimum && known.get(keyOf(voucher))?.cumulative !== voucher.cumulative
      const fresh = open.filter(isNew).sort((a, b) => descending(owed(a), owed(b)))
      const others = open.filter((one) => !isNew(one)).sort((a, b) => lastRun(a) - lastRun(b))
      const kept = Math.min(others.length, Math.max(OTHERS, needed(open.length)))
      const most = Math.max(READS, needed(open.length))
      const chosen = [...fresh.slice(0, most - kept), ...others].slice(0, most)
      for (const voucher of chosen) known.set(keyOf(voucher), { run, cumulative: voucher.cumulative })
      looks = new Map([...known].flatMap(([key, look]) => (look ? [[key, look] as const] : [])))
      return chosen
    },
  }
}

const keyOf = ({ payer, epoch }: BookedVoucher) => `${payer} ${epoch}`
const owed = ({ cumulative, collected }: BookedVoucher) => cumulative - collected
const descending = (a: bigint, b: bigint) => (a === b ? 0 : a < b ? 1 : -1)
