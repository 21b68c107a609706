import type { Address } from 'viem'
import { tally, type Tally } from '../tally.ts'
import type { VoucherBook } from './voucher-book.ts'
import type { WindowCounter } from './window-counter.ts'

export type Charge = { readonly ok: true } | { readonly ok: false; readonly description: string }

/** Units by service. */
export type Units = Readonly<Record<string, number>>

/** `free`: of the free quota; `unpriced`: it costs nothing; `limited`: nobody may have so much, paid or not. */
export type ChargeOutcome = 'unpriced' | 'paid' | 'free' | 'refused' | 'limited'

/** Decides whether a request is served: credit first, then free requests, else it has to be paid. */
export interface Meter {
  /**
   * Takes the price of `units` of a service, and of others with `also`: all or nothing. What is taken is on disk before the service
   * is given. Credit that does not pay for all of them pays for those that are not free.
   */
  charge(peerId: string, service: string, units: number, also?: Partial<Units>): Promise<Charge>
  /** How many units of a service `charge` would give the peer now. */
  affordable(peerId: string, service: string): number
  /** The peer handed in a voucher of `payer`: its requests on this connection use the payer's credit. */
  bind(peerId: string, payer: Address): void
  /** The peer's last connection closed. */
  release(peerId: string): void
  /** Requests since the start, under `service outcome`. */
  readonly counts: Tally<`${string} ${ChargeOutcome}`>['counts']
}

export interface MeterDeps {
  /** In the token's smallest unit, 0 for what is free. */
  readonly priceOf: (service: string) => bigint
  readonly book: Pick<VoucherBook, 'spend' | 'credit'>
  /** What peers have free. */
  readonly quota: WindowCounter
  /** What peers may have, paid or free. */
  readonly rates: WindowCounter
  /** The id of the offer that names the prices, for peers that have to pay. */
  readonly offerId: () => Promise<string>
}

interface Item {
  readonly service: string
  readonly units: number
  readonly cost: bigint
}

export function createMeter({ priceOf, book, quota, rates, offerId }: MeterDeps): Meter {
  const payers = new Map<string, Address>()
  const counted = tally<`${string} ${ChargeOutcome}`>()

  function count(items: readonly Item[], outcome: ChargeOutcome): void {
    for (const { service, units } of items) if (units > 0) counted.add(`${service} ${outcome}`)
  }

  function itemsOf(units: Partial<Units>): Item[] {
    return Object.entries(units).map(([service, count = 0]) => ({
      service,
      units: count,
      cost: priceOf(service) * BigInt(count),
    }))
  }

  function spend(peerId: string, amount: bigint): boolean {
    const payer = payers.get(peerId)
    return payer !== undefined && book.spend(payer, amount)
  }

  /** `refused`, and nothing is taken, if credit and free quota together don't do. */
  function take(peerId: string, items: readonly Item[]): ChargeOutcome {
    const total = costOf(items)
    if (total === 0n) return 'unpriced'
    if (spend(peerId, total)) return 'paid'
    const isFree = ({ service, units }: Item) => quota.left(peerId, service) >= units
    const unpaid = costOf(items.filter((item) => !isFree(item)))
    if (unpaid > 0n && !spend(peerId, unpaid)) return 'refused'
    for (const { service, units, cost } of items) if (cost > 0n) quota.take(peerId, service, units)
    return unpaid > 0n ? 'paid' : 'free'
  }

  return {
    async charge(peerId, service, units, also = {}) {
      const items = itemsOf({ [service]: units, ...also })
      const tooMany = items.find((item) => rates.left(peerId, item.service) < item.units)
      if (tooMany) {
        count(items, 'limited')
        const description = `The limit of ${tooMany.service} is reached, see offer ${await offerId()}`
        return { ok: false, description }
      }
      const outcome = take(peerId, items)
      count(items, outcome)
      if (outcome !== 'refused') {
        for (const item of items) rates.take(peerId, item.service, item.units)
        return { ok: true }
      }
      const names = items.filter(({ cost }) => cost > 0n).map((item) => item.service)
      const description = `Free quota used up: ${names.join(' and ')} costs ${costOf(items)}, see offer ${await offerId()}`
      return { ok: false, description }
    },
    affordable(peerId, service) {
      const price = priceOf(service)
      if (price === 0n) return rates.left(peerId, service)
      const payer = payers.get(peerId)
      const paid = payer === undefined ? 0 : Number(book.credit(payer) / price)
      return Math.min(rates.left(peerId, service), Math.max(paid, quota.left(peerId, service)))
    },
    bind: (peerId, payer) => void payers.set(peerId, payer),
    release: (peerId) => void payers.delete(peerId),
    counts: counted.counts,
  }
}

const costOf = (items: readonly Item[]) => items.reduce((sum, { cost }) => sum + cost, 0n)
