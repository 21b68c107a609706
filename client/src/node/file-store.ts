import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { StorageError, type KeyValueStore, type Stored } from '../storage/store.ts'
import { processLock } from './process-lock.ts'

const SUFFIX = '.value'
const LOCK = 'lock.sqlite'

/**
 * A store of one file a value. A write goes to a temporary file that is synced, renamed into place, and made
 * durable by syncing the folder; writers, also of other processes, take turns by a lock of the operating
 * system that dies with its holder.
 *
 * Each file starts with a seal that names its own inode and birth time. A file that was copied or restored
 * doesn't match its seal, so `native` is false. A snapshot of the whole disk can't be told.
 * @throws StorageError UNAVAILABLE if the folder can't be made, CORRUPT for a damaged file, LOCKED after `lockWaitMs`.
 */
export async function fileStore(dir: string, { lockWaitMs = 10_000 } = {}): Promise<KeyValueStore> {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new StorageError(`Can't create the folder ${dir}`, { code: 'UNAVAILABLE', path: dir }, { cause })
  }
  const locked = processLock(join(dir, LOCK), lockWaitMs)
  const sealOf = await sealer(dir)
  const pathOf = (key: string) => join(dir, encodeURIComponent(key) + SUFFIX)

  async function read(key: string): Promise<Stored | undefined> {
    const file = await openIfThere(pathOf(key))
    if (!file) return undefined
    try {
      const [text, seal] = [await file.readFile('utf8'), await sealOf(file)]
      const newline = text.indexOf('\n')
      if (newline < 1 || !text.endsWith('\n')) {
        throw new StorageError(`The file of ${key} in ${dir} is damaged`, { code: 'CORRUPT', key })
      }
      return { value: text.slice(newline + 1, -1), native: text.slice(0, newline) === seal }
    } finally {
      await file.close()
    }
  }

  async function write(key: string, value: string): Promise<void> {
    const temporary = `${pathOf(key)}.new`
    await rm(temporary, { force: true })
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(`${await sealOf(file)}\n${value}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, pathOf(key))
    await syncFolder(dir)
  }

  return {
    get: read,
    set: (key, value) => locked(() => write(key, value)),
    delete: (key) =>
      locked(async () => {
        const old = await read(key).catch(emptyIfDamaged)
        await rm(pathOf(key), { force: true })
        await syncFolder(dir)
        return old
      }),
    keys: async (prefix) => {
      const names = (await readdir(dir)).filter((name) => name.endsWith(SUFFIX))
      return names
        .map((name) => decodeURIComponent(name.slice(0, -SUFFIX.length)))
        .filter((key) => key.startsWith(prefix))
        .sort()
    },
    update: (key, change) =>
      locked(async () => {
        const next = change(await read(key))
        await write(key, next)
        return next
      }),
  }
}

function emptyIfDamaged(error: unknown): Stored {
  if (error instanceof StorageError && error.code === 'CORRUPT') return { value: '', native: true }
  throw error
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new StorageError(`Can't read ${path}`, { code: 'UNAVAILABLE', path }, { cause: error })
  }
}

async function syncFolder(dir: string): Promise<void> {
  const folder = await open(dir, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** Inode and birth time, or the inode alone where the file system doesn't keep a birth time. */
async function sealer(dir: string): Promise<(file: FileHandle) => Promise<string>> {
  const probe = join(dir, `probe-${randomUUID()}`)
  const file = await open(probe, 'w')
  try {
    const before = await file.stat({ bigint: true })
    await rename(probe, `${probe}-renamed`)
    const after = await stat(`${probe}-renamed`, { bigint: true })
    const hasBirth = before.birthtimeNs > 0n && before.birthtimeNs === after.birthtimeNs
    return async (target) => {
      const { ino, birthtimeNs } = await target.stat({ bigint: true })
      return hasBirth ? `${ino}:${birthtimeNs}` : `${ino}`
    }
  } finally {
    await file.close()
    await rm(`${probe}-renamed`, { force: true })
  }
}
