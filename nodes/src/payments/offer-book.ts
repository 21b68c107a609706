import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import type { Price } from '@teahouse/protocol/payments'

/** A table of the voucher database; amounts are decimal text. */
export const OFFER_MIGRATION = `CREATE TABLE offers (
    valid_until INTEGER PRIMARY KEY,
    prices TEXT NOT NULL
  ) WITHOUT ROWID`

/** Clients whose clock is behind may hold an offer to be valid for so many seconds more. */
const SLACK_SECONDS = 60

const Prices = z.record(z.string(), z.string().regex(/^\d+$/).transform(BigInt))

/** The prices that the node has signed and is still bound to, also after a restart with others. */
export interface OfferBook {
  /** Notes what was offered until `validUntil` (unix seconds), on disk before the offer leaves. */
  enter(validUntil: bigint, prices: readonly Price[]): void
  /** The lowest price of a service that an offer still names at `nowSeconds`; undefined without one. */
  lowest(service: string, nowSeconds: number): bigint | undefined
}

export function offerBook(db: DatabaseSync): OfferBook {
  const insert = db.prepare('INSERT OR REPLACE INTO offers (valid_until, prices) VALUES (?, ?)')
  const prune = db.prepare('DELETE FROM offers WHERE valid_until < ?')
  const rows = db.prepare('SELECT valid_until, prices FROM offers').all() as {
    valid_until: number
    prices: string
  }[]
  let known = rows.map((row) => ({ until: row.valid_until, prices: Prices.parse(JSON.parse(row.prices)) }))

  return {
    enter(validUntil, prices) {
      const until = Number(validUntil)
      const before = known.find((offer) => offer.until === until)?.prices
      const named = Object.fromEntries(
        prices.map(({ service, price }) => [service, min(price, before?.[service])]),
      )
      const text = Object.fromEntries(Object.entries(named).map(([name, price]) => [name, String(price)]))
      insert.run(until, JSON.stringify(text))
      known = [...known.filter((offer) => offer.until !== until), { until, prices: named }]
    },
    lowest(service, nowSeconds) {
      const oldest = nowSeconds - SLACK_SECONDS
      if (known.some(({ until }) => until < oldest)) {
        prune.run(oldest)
        known = known.filter(({ until }) => until >= oldest)
      }
      return known.reduce<bigint | undefined>((lowest, { prices }) => {
        const price = prices[service]
        return price === undefined ? lowest : min(price, lowest)
      }, undefined)
    },
  }
}

const min = (a: bigint, b: bigint | undefined) => (b !== undefined && b < a ? b : a)
