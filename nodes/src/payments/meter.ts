import { unpaidText } from '@teahouse/protocol/payments'
import type { Address } from 'viem'
import { groupedSpending } from './grouped-spending.ts'
import { tally, type Tally } from '../tally.ts'
import type { QuotaMeter } from './quota/meter.ts'
import type { VoucherBook } from './voucher-book.ts'
import type { WindowCounter } from './window-counter.ts'

export type Charge = { readonly ok: true } | { readonly ok: false; readonly description: string }

/** Units by service. */
export type Units = Readonly<Record<string, number>>

/** `free`: of the free quota; `member`: of a member's quota at its home; `unpriced`: costs nothing; `limited`: more than the offer's limit lets anybody have. */
export type ChargeOutcome = 'unpriced' | 'paid' | 'free' | 'member' | 'refused' | 'limited'

/** Decides whether a request is served: credit first, then free requests, then a member's quota, else it has to be paid. */
export interface Meter {
  /**
   * Takes the price of `units` of a service, and of others with `also`: all or nothing. What is taken is written before the service
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
  readonly book: Pick<VoucherBook, 'spendAll' | 'credit'>
  /** What peers have free. */
  readonly quota: WindowCounter
  /** What peers have free in the name of a member; without it nothing. */
  readonly members?: Pick<QuotaMeter, 'left' | 'take' | 'release'> | undefined
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

export function createMeter({ priceOf, book, quota, members, rates, offerId }: MeterDeps): Meter {
  const payers = new Map<string, Address>()
  const counted = tally<`${string} ${ChargeOutcome}`>()
  const spending = groupedSpending(book)

  function itemsOf(units: Partial<Units>): Item[] {
    return Object.entries(units).map(([service, count = 0]) => ({
      service,
      units: count,
      cost: priceOf(service) * BigInt(count),
    }))
  }

  function spend(peerId: string, amount: bigint): Promise<void> | undefined {
    const payer = payers.get(peerId)
    return payer === undefined ? undefined : spending.spend(payer, amount)
  }

  /**
   * Takes it at once; what is paid is on disk when `done` resolves. Nothing is taken, and nothing to wait for, if credit and free
   * quota don't do. `paid` if credit was needed at all.
   */
  function take(
    peerId: string,
    items: readonly Item[],
  ): { readonly outcome: ChargeOutcome; readonly done?: Promise<void> } {
    const total = costOf(items)
    if (total === 0n) return { outcome: 'unpriced' }
    const all = spend(peerId, total)
    if (all) return { outcome: 'paid', done: all }
    const free = items.filter(({ service, units, cost }) => cost > 0n && quota.left(peerId, service) >= units)
    const rest = items.filter((item) => item.cost > 0n && !free.includes(item))
    const ofMember = rest.filter(({ service, units }) => (members?.left(peerId, service) ?? 0) >= units)
    const unpaid = total - costOf(free) - costOf(ofMember)
    const paid = unpaid === 0n ? undefined : spend(peerId, unpaid)
    if (unpaid > 0n && !paid) return { outcome: 'refused' }
    for (const { service, units } of free) quota.take(peerId, service, units)
    if (ofMember.length === 0) return paid ? { outcome: 'paid', done: paid } : { outcome: 'free' }
    const taken = members!.take(peerId, new Map(ofMember.map(({ service, units }) => [service, units])))
    const done = Promise.all([taken, paid]).then(() => undefined)
    return { outcome: paid ? 'paid' : 'member', done }
  }

  return {
    async charge(peerId, service, units, also = {}) {
      const items = itemsOf({ [service]: units, ...also })
      const tooMany = items.find((item) => rates.left(peerId, item.service) < item.units)
      if (tooMany) {
        counted.add(`${service} limited`)
        const description = `The limit of ${tooMany.service} is reached, see offer ${await offerId()}`
        return { ok: false, description }
      }
      const { outcome, done } = take(peerId, items)
      counted.add(`${service} ${outcome}`)
      if (outcome !== 'refused') {
        for (const item of items) rates.take(peerId, item.service, item.units)
        await done
        return { ok: true }
      }
      const names = items.filter(({ cost }) => cost > 0n).map((item) => item.service)
      return { ok: false, description: unpaidText(names, costOf(items), await offerId()) }
    },
    affordable(peerId, service) {
      const price = priceOf(service)
      if (price === 0n) return rates.left(peerId, service)
      const payer = payers.get(peerId)
      const paid = payer === undefined ? 0 : Number(spending.credit(payer) / price)
      const free = Math.max(quota.left(peerId, service), members?.left(peerId, service) ?? 0)
      return Math.min(rates.left(peerId, service), Math.max(paid, free))
    },
    bind: (peerId, payer) => void payers.set(peerId, payer),
    release(peerId) {
      payers.delete(peerId)
      members?.release(peerId)
    },
    counts: counted.counts,
  }
}

const costOf = (items: readonly Item[]) => items.reduce((sum, { cost }) => sum + cost, 0n)
