import { MAX_LEASE_PLACES, type LeaseRange } from '@teahouse/protocol/lease'
import { StorageError, type KeyValueStore, type Stored } from '../../storage/store.ts'

/** Up to where the lists of an epoch are used up, as this device has seen it. */
export interface Marks {
  of(list: number): number
}

/** Epochs that are remembered. */
const KEPT = 8
/** Under this name stands a mark for all lists. */
const ALL = 'all'

type Epochs = Record<string, Record<string, number>>

/**
 * This device's own memory of what it has leased, on disk before it is used. Nodes are asked from there on, so that on a device
 * that lost nothing even nodes that all lie can't grant anything twice. A copy that knows less does no harm: the nodes know.
 *
 * A damaged record is replaced by one that has nothing left of the epochs for which ids may have been leased.
 */
export function durableMarks(storage: KeyValueStore, key: string) {
  async function replace(error: unknown, epoch: bigint): Promise<Epochs> {
    if (!(error instanceof StorageError) || error.code !== 'CORRUPT') throw error
    const epochs = usedAround(epoch)
    await storage.set(key, write(epochs))
    return epochs
  }

  async function load(): Promise<Epochs> {
    const stored = await storage.get(key)
    return stored ? parse(key, stored.value) : {}
  }

  return {
    /** Throws StorageError. */
    async read(epoch: bigint): Promise<Marks> {
      const epochs = await load().catch((error: unknown) => replace(error, epoch))
      const marks = epochs[String(epoch)] ?? {}
      return { of: (list) => markOf(marks, list) }
    },
    /**
     * Raises the mark to the end of a range, if it is not above the range's beginning. When this resolves to true, that is on
     * disk; to false if another process of this device was faster: the range is not to be used. Throws StorageError.
     */
    async raise(epoch: bigint, list: number, { first, end }: LeaseRange): Promise<boolean> {
      let isFree = false
      const change = (old: Stored | undefined): string => {
        const epochs = old ? parse(key, old.value) : {}
        const marks = (epochs[String(epoch)] ??= {})
        isFree = markOf(marks, list) <= first
        if (isFree) marks[list] = end
        return write(epochs)
      }
      try {
        await storage.update(key, change)
      } catch (error) {
        await replace(error, epoch)
        return false
      }
      return isFree
    },
  }
}

/** The epoch that is asked about is the present one or the next. */
function usedAround(epoch: bigint): Epochs {
  const epochs = [epoch - 1n, epoch, epoch + 1n].filter((one) => one >= 0n)
  return Object.fromEntries(epochs.map((one) => [String(one), { [ALL]: MAX_LEASE_PLACES }]))
}

const markOf = (marks: Record<string, number>, list: number): number =>
  Math.max(marks[list] ?? 0, marks[ALL] ?? 0)

function write(epochs: Epochs): string {
  const newest = Object.keys(epochs).sort((a, b) => Number(BigInt(b) - BigInt(a)))
  return JSON.stringify(Object.fromEntries(newest.slice(0, KEPT).map((name) => [name, epochs[name]])))
}

function parse(key: string, text: string): Epochs {
  // What stood here before there were leases: an epoch, and how many ids were used without one.
  const [, counted] = /^(\d{1,20}) (?:\d{1,5}|all)$/.exec(text) ?? []
  if (counted !== undefined) return { [counted]: { [ALL]: MAX_LEASE_PLACES } }
  try {
    const epochs: unknown = JSON.parse(text)
    if (
      isRecord(epochs) &&
      Object.entries(epochs).every(([name, marks]) => /^\d{1,20}$/.test(name) && isMarks(marks))
    )
      return epochs as Epochs
  } catch (cause) {
    throw damaged(key, cause)
  }
  throw damaged(key)
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isMarks = (value: unknown): boolean =>
  isRecord(value) && Object.values(value).every((mark) => Number.isSafeInteger(mark) && Number(mark) >= 0)

function damaged(key: string, cause?: unknown): StorageError {
  return new StorageError('The record of message ids is damaged', { code: 'CORRUPT', key }, { cause })
}
