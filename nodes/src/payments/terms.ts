import type { Price } from '@teahouse/protocol/payments'
import { SERVICES, type PaymentsConfig } from './config.ts'

/** What stays after the request: nothing of it is free by default, since a peer costs nothing and could have a quota each time. */
const LASTING: ReadonlySet<string> = new Set(['blob-day'])

/** What holds for a service by the configuration. */
export function termsOf({ prices, terms, ...common }: PaymentsConfig, service: string): Price {
  const known = SERVICES.find((name) => name === service)
  const {
    freeQuota,
    quotaWindowSeconds,
    memberQuota,
    maxUnits = 0,
    maxBytes = 0,
  } = (known && terms[known]) ?? {}
  return {
    service,
    price: (known && prices[known]) ?? 0n,
    freeQuota: freeQuota ?? (LASTING.has(service) ? 0 : common.freeQuota),
    memberQuota: memberQuota ?? (LASTING.has(service) ? 0 : common.memberQuota),
    quotaWindowSeconds: quotaWindowSeconds ?? common.quotaWindowSeconds,
    maxUnits,
    maxBytes,
  }
}
