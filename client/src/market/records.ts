import * as z from 'zod/mini'
import type { KeyValueStore } from '../storage/store.ts'
import { after, ServiceHistory, type Outcome } from './record.ts'

/** Every key of a record starts with it. */
const RECORDS = 'market/'
const Histories = z.record(z.string().check(z.regex(/^\d{1,10}$/)), ServiceHistory)
export type Histories = z.output<typeof Histories>

/** Outcomes that may be lost in a crash; a broken promise is none of them. */
const UNWRITTEN = 16

export type Records = ReturnType<typeof createRecords>

/** What this account remembers of operators, by their id on chain: a new key or address does not wipe it. */
export function createRecords(storage: KeyValueStore, scope: string, now: () => number) {
  const key = `${RECORDS}${scope}`
  let known: Promise<Map<number, ServiceHistory>> | undefined
  let unwritten = 0
  let writing: Promise<unknown> = Promise.resolve()

  /** What can't be read is forgotten: it is advice, not money. */
  async function load(): Promise<Map<number, ServiceHistory>> {
    const parsed = Histories.safeParse(parseJson((await storage.get(key))?.value))
    return new Map(Object.entries(parsed.data ?? {}).map(([id, history]) => [Number(id), history]))
  }
  /** A store that fails is asked again. */
  function histories() {
    known ??= load().catch((error: unknown) => {
      known = undefined
      throw error
    })
    return known
  }

  function write(): Promise<unknown> {
    unwritten = 0
    writing = writing
      .catch(() => undefined)
      .then(async () => storage.set(key, JSON.stringify(Object.fromEntries(await histories()))))
    return writing
  }

  return {
    all: async (): Promise<ReadonlyMap<number, ServiceHistory>> => histories(),
    /** Notes how a request ended; on disk before it resolves if the operator broke its word. */
    async note(operatorId: number, outcome: Outcome): Promise<void> {
      const map = await histories()
      map.set(operatorId, after(map.get(operatorId), outcome, now() / 1000))
      if (outcome.kind === 'broken' || ++unwritten >= UNWRITTEN) await write()
    },
    /** Writes what is not written yet. */
    flush: async (): Promise<void> => void (unwritten > 0 ? await write() : await writing),
  }
}

export function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
