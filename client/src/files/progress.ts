import * as z from 'zod/mini'
import { fromBase64, toBase64 } from '../base64.ts'
import { parseJson } from '../account/text.ts'
import type { KeyValueStore } from '../storage/store.ts'

/** What an upload or a renewal needs to go on after it was cut off. */
export interface Begun {
  readonly key: Uint8Array
  /** Unix seconds. */
  readonly until: number
  /** Peer ids in the order in which to use them; those of the first attempt. */
  readonly order: readonly string[]
  /** Whether it was begun earlier. */
  readonly resumed: boolean
}

const Kept = z.strictObject({ key: z.string(), until: z.int(), order: z._default(z.array(z.string()), []) })

/**
 * Begins something under a name, or goes on with what was begun under it while `goesOn` with its end, by default as long as it is still to last for half of its time. On disk when it resolves, so
 * that nothing is sealed under a key, or paid for a term, that a crash could lose.
 */
export async function beginOnce(
  store: KeyValueStore,
  name: string,
  fresh: Omit<Begun, 'resumed'>,
  nowSeconds: number,
  goesOn = (until: number) => until - nowSeconds > (fresh.until - nowSeconds) / 2,
): Promise<Begun> {
  const text = await store.update(name, (old) => {
    const kept = Kept.safeParse(parseJson(old?.value))
    const isOn = kept.success && goesOn(kept.data.until)
    return isOn ? old!.value : JSON.stringify({ ...fresh, key: toBase64(fresh.key) })
  })
  const { key, ...rest } = Kept.parse(parseJson(text))
  const bytes = fromBase64(key) ?? fresh.key
  return { key: bytes, ...rest, resumed: toBase64(fresh.key) !== key }
}

/** Forgets what is over in a folder. What can't be read is left. */
export async function forgetOver(store: KeyValueStore, folder: string, nowSeconds: number): Promise<void> {
  for (const name of await store.keys(folder)) {
    const kept = Kept.safeParse(parseJson((await store.get(name))?.value))
    if (kept.success && kept.data.until <= nowSeconds) await store.delete(name)
  }
}

/** Forgets what has a key, in a folder. */
export async function forgetKey(store: KeyValueStore, folder: string, key: Uint8Array): Promise<void> {
  const wanted = toBase64(key)
  for (const name of await store.keys(folder)) {
    const kept = Kept.safeParse(parseJson((await store.get(name))?.value))
    if (kept.success && kept.data.key === wanted) await store.delete(name)
  }
}
