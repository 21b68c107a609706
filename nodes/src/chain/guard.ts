import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Logger } from 'pino'
import { DataError, writeSecretFile } from '../files.ts'
import { openDatabase } from '../storage/index.ts'

const ChainMark = z.strictObject({ chainId: z.int(), genesisHash: z.string(), registry: z.string() })
/** What tells one deployment of the network from another; kept as `chain.json` in the data folder. */
export type ChainMark = z.output<typeof ChainMark>

/** Held while a node uses the folder; the lock dies with the process. */
const LOCK = 'lock.sqlite'

/** The data folder, used by this process alone. */
export interface GuardedDir {
  release(): void
}

/**
 * Makes sure that `dataDir` holds data of this chain, and locks it. Data of another chain is set aside by renaming the folder, never mixed,
 * and never while a node uses it. @throws StorageError LOCKED while another process uses the folder; DataError when the mark can't be
 * read or parsed, or is missing beside databases.
 */
export async function guardDataDir(dataDir: string, mark: ChainMark, log: Logger): Promise<GuardedDir> {
  let locked = await lockDataDir(dataDir)
  try {
    const path = join(dataDir, 'chain.json')
    if (existsSync(path)) {
      const found = await readMark(path)
      if (sameChain(found, mark)) return locked
      const aside = await setAside(dataDir, found)
      locked.release()
      log.warn({ aside, found, now: mark }, 'Set the data of another chain aside')
      locked = await lockDataDir(dataDir)
    } else {
      await mustBeEmpty(dataDir, path)
    }
    await writeSecretFile(path, `${JSON.stringify(mark, null, 2)}\n`)
    return locked
  } catch (err) {
    locked.release()
    throw err
  }
}

/** Locks the folder against every other process. @throws StorageError LOCKED. */
export async function lockDataDir(dataDir: string): Promise<GuardedDir> {
  await mkdir(dataDir, { recursive: true })
  const db = openDatabase(join(dataDir, LOCK), ['CREATE TABLE lock (held INTEGER)'])
  return { release: () => db.close() }
}

/** Databases without a mark may be of any chain. */
async function mustBeEmpty(dataDir: string, path: string): Promise<void> {
  const databases = (await readdir(dataDir)).filter((name) => name.endsWith('.sqlite') && name !== LOCK)
  if (databases.length === 0) return
  throw new DataError(
    `${dataDir} holds databases but no chain.json, so nobody knows of which chain they are. Put its chain.json back, ` +
      'or move the folder away to begin with an empty one. Nothing was changed.',
    { code: 'DATA_UNMARKED', path },
  )
}

async function readMark(path: string): Promise<ChainMark> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new DataError(
      `Can't read ${path}. Check its permissions.`,
      { code: 'DATA_UNREADABLE', path },
      { cause },
    )
  })
  try {
    return ChainMark.parse(JSON.parse(text))
  } catch (cause) {
    const advice = 'Restore the folder from a backup, or move it away to begin with an empty one.'
    throw new DataError(
      `${path} is damaged. ${advice} Nothing was deleted.`,
      { code: 'DATA_CORRUPT', path },
      { cause },
    )
  }
}

function sameChain(a: ChainMark, b: ChainMark): boolean {
  return (
    a.chainId === b.chainId &&
    a.genesisHash === b.genesisHash &&
    a.registry.toLowerCase() === b.registry.toLowerCase()
  )
}

async function setAside(dataDir: string, found: ChainMark): Promise<string> {
  const base = `${dataDir.replace(/\/+$/, '')}.${found.chainId}-${found.genesisHash.slice(2, 10)}`
  let aside = base
  for (let n = 1; existsSync(aside); n++) aside = `${base}-${n}`
  await rename(dataDir, aside)
  return aside
}
