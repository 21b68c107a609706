import type { Address } from 'viem'
import { tally, type Tally } from '../tally.ts'
import type { FreeQuota } from './quota.ts'
import type { VoucherBook } from './voucher-book.ts'

export type Charge = { readonly ok: true } | { readonly ok: false; readonly description: string }

/** `free`: of the free quota; `unpriced`: the service costs nothing. */
export type ChargeOutcome = 'unpriced' | 'paid' | 'free' | 'refused'

/** Decides whether a request is served: credit first, then free requests, else it has to be paid. */
export interface Meter {
  /** Takes the price of `units` requests of a service. What is taken is on disk before the service is given. */
  charge(peerId: string, service: string, units: number): Promise<Charge>
  /** The peer handed in a voucher of `payer`: its requests on this connection use the payer's credit. */
  bind(peerId: string, payer: Address): void
  /** The peer's last connection closed. */
  release(peerId: string): void
  /** Requests since the start, under `service outcome`. */
  readonly counts: Tally<`${string} ${ChargeOutcome}`>['counts']
}

export interface MeterDeps {
  readonly prices: Readonly<Partial<Record<string, bigint>>>
  readonly book: VoucherBook
  readonly quota: FreeQuota
  /** The id of the offer that names the prices, for peers that have to pay. */
  readonly offerId: () => Promise<string>
}

export function createMeter({ prices, book, quota, offerId }: MeterDeps): Meter {
  const payers = new Map<string, Address>()
  const counted = tally<`${string} ${ChargeOutcome}`>()

  function take(peerId: string, service: string, units: number, cost: bigint): ChargeOutcome {
    if (cost === 0n) return 'unpriced'
    const payer = payers.get(peerId)
    if (payer && book.spend(payer, cost)) return 'paid'
    return quota.take(peerId, service, units) ? 'free' : 'refused'
  }

  return {
    async charge(peerId, service, units) {
      const cost = (prices[service] ?? 0n) * BigInt(units)
      const outcome = take(peerId, service, units, cost)
      counted.add(`${service} ${outcome}`)
      if (outcome !== 'refused') return { ok: true }
      return {
        ok: false,
        description: `Free quota used up: ${service} costs ${cost}, see offer ${await offerId()}`,
      }
    },
    bind: (peerId, payer) => void payers.set(peerId, payer),
    release: (peerId) => void payers.delete(peerId),
    counts: counted.counts,
  }
}
