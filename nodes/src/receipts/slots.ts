/** Into how many periods the longest term is cut. One class more, and a class is used again only when all its receipts have ended. */
const PERIODS = 30
const CLASSES = PERIODS + 1
/** The slot of a receipt has 32 bits. */
const MAX_SLOT = 2n ** 32n - 1n

/** What a receipt that runs has pledged. */
export interface Pledge {
  readonly slot: number
  readonly liability: bigint
}

/** Seconds of a period; `maxTerm` is the court's. */
export function periodSeconds(maxTerm: number): number {
  return Math.ceil(maxTerm / PERIODS)
}

/** Where the first period begins that begins after `time` (unix seconds). */
export function nextPeriod(time: number, maxTerm: number): number {
  const seconds = periodSeconds(maxTerm)
  return (Math.floor(time / seconds) + 1) * seconds
}

/**
 * The class of slots from which receipts are taken that are signed at `from`. Of receipts with one liability, two that are signed in
 * different periods have different slots as long as both run: nobody has to remember the earlier one (ADR 35).
 */
export function slotClass(from: number, maxTerm: number): number {
  return Math.floor(from / periodSeconds(maxTerm)) % CLASSES
}

/**
 * The lowest slot of a class that is below stake ÷ liability and shares neither its number nor a unit with what is pledged already; undefined
 * if there is none.
 */
export function freeSlot(
  wanted: { readonly slotClass: number; readonly liability: bigint; readonly stake: bigint },
  pledged: Iterable<Pledge>,
): number | undefined {
  const { liability, stake } = wanted
  if (liability <= 0n) return undefined
  const taken = new Set<number>()
  const ranges: { first: bigint; last: bigint }[] = []
  for (const { slot, liability: part } of pledged) {
    taken.add(slot)
    if (part === liability) continue
    const first = (BigInt(slot) * part) / liability
    const last = (BigInt(slot + 1) * part - 1n) / liability
    ranges.push({ first, last })
  }
  const below = stake / liability
  const end = Number(below > MAX_SLOT ? MAX_SLOT : below)
  for (let slot = wanted.slotClass; slot < end; slot += CLASSES) {
    const at = BigInt(slot)
    if (!taken.has(slot) && !ranges.some(({ first, last }) => first <= at && at <= last)) return slot
  }
  return undefined
}
