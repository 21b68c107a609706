import { loadedLater, loadOnce } from '../loaded-later.ts'
import type { createDeals, Deals } from './deals.ts'
import type { DealKit, KitDeps } from './kit.ts'

/** What `createDeals` gives, its code loaded with the first call. */
export const dealsLater = (deps: Parameters<typeof createDeals>[0]): Deals =>
  loadedLater(async () => (await import('./deals.ts')).createDeals(deps))

/** What `createDealKit` gives, its code (templates, sentences, sealing) loaded with the first call. */
export function dealKitLater(deps: KitDeps): DealKit {
  const { get: load } = loadOnce(async () => (await import('./kit.ts')).createDealKit(deps))

  return {
    place: async (more) => (await load()).place(more),
    offers: loadedLater(async () => (await load()).offers),
    onChain: async (deal, data, templates) => (await load()).onChain(deal, data, templates),
    fund: async (offer, options, onOpening) => (await load()).fund(offer, options, onOpening),
    sign: async (offer, act, options) => (await load()).sign(offer, act, options),
    send: async (signed) => (await load()).send(signed),
    settle: async (one, other) => (await load()).settle(one, other),
    watch: async (deal, options) => (await load()).watch(deal, options),
  }
}
