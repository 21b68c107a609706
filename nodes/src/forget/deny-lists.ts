import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Logger } from 'pino'
import { ForgetError } from './errors.ts'

/** Hashes of all lists together at most: 100 bytes of memory each. */
const MAX_HASHES = 1_000_000

/** A file of message hashes that somebody keeps and the operator has opted in to. */
export interface DenyList {
  /** The name of its file. */
  readonly name: string
  readonly hashes: readonly Uint8Array[]
}

/**
 * Reads the text of a list: a hash of 32 bytes in hex a line; what follows a # is a comment, empty lines are nothing. Throws ForgetError BAD_DENY_LIST, and
 * then nothing of it counts.
 */
export function readDenyList(text: string, path: string): Uint8Array[] {
  const hashes = new Map<string, Uint8Array>()
  for (const [at, line] of text.split('\n').entries()) {
    const word = line.replace(/#.*/, '').trim()
    if (word === '') continue
    const [, digits] = /^(?:0x)?([0-9a-fA-F]{64})$/.exec(word) ?? []
    if (digits === undefined || hashes.size >= MAX_HASHES) {
      const what = digits === undefined ? 'is no hash of 32 bytes in hex' : `is beyond ${MAX_HASHES} hashes`
      throw new ForgetError(`Line ${at + 1} of ${path} ${what}`, {
        code: 'BAD_DENY_LIST',
        path,
        line: at + 1,
      })
    }
    hashes.set(digits.toLowerCase(), new Uint8Array(Buffer.from(digits, 'hex')))
  }
  return [...hashes.values()]
}

/** Follows the files of deny lists. One that can't be read any more counts as it was read last. */
export function denyLists(paths: readonly string[], log: Logger) {
  const read = new Map<string, { readonly version: string; readonly list: DenyList }>()
  let known = new Set<string>()
  let version = 0

  async function readOne(path: string): Promise<boolean> {
    const { mtimeMs, size, ino } = await stat(path)
    const version = `${mtimeMs} ${size} ${ino}`
    if (read.get(path)?.version === version) return false
    const hashes = readDenyList(await readFile(path, 'utf8'), path)
    read.set(path, { version, list: { name: basename(path), hashes } })
    return true
  }

  function index(): void {
    version++
    known = new Set([...read.values()].flatMap(({ list }) => list.hashes.map(keyOf)))
  }

  return {
    /** Reads all of them. Throws ForgetError BAD_DENY_LIST: a node does not start without a list that it was told to keep to. */
    async open(): Promise<void> {
      for (const path of paths) {
        await readOne(path).catch((cause: unknown) => {
          if (cause instanceof ForgetError) throw cause
          throw new ForgetError(
            `The deny list ${path} can't be read`,
            { code: 'BAD_DENY_LIST', path },
            { cause },
          )
        })
      }
      index()
    },
    /** Reads those again that have changed. */
    async refresh(): Promise<void> {
      let changed = false
      for (const path of paths) {
        try {
          changed = (await readOne(path)) || changed
        } catch (err) {
          log.error({ err, path }, 'Could not read a deny list again; keeps to it as it was')
        }
      }
      if (changed) index()
    },
    isEmpty: (): boolean => known.size === 0,
    has: (hash: Uint8Array): boolean => known.size > 0 && known.has(keyOf(hash)),
    /** Another one after each change. */
    version: (): number => version,
    list: (): DenyList[] => [...read.values()].map(({ list }) => list),
  }
}

export type DenyLists = ReturnType<typeof denyLists>

const keyOf = (hash: Uint8Array) => Buffer.from(hash).toString('latin1')
