import { loadedLater } from '../loaded-later.ts'
import type { createGifts } from './gifts.ts'

/** What `createGifts` gives, its code loaded with the first call. */
export const giftsLater = (deps: Parameters<typeof createGifts>[0]): ReturnType<typeof createGifts> =>
  loadedLater(async () => (await import('./gifts.ts')).createGifts(deps))
