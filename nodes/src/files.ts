import { randomBytes } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { TeahouseError } from '@teahouse/protocol/errors'
import { z } from 'zod'

export type DataFailure = {
  readonly code: 'DATA_CORRUPT' | 'DATA_UNREADABLE' | 'DATA_UNMARKED' | 'KEY_ENCRYPTED'
  readonly path: string
}

/** A file of the node can't be used as it is. Nothing has been changed. */
export class DataError extends TeahouseError<DataFailure> {}

/** Reads a JSON file that holds a list; none if there is no file. `what` it is a list of stands in the error. @throws DataError DATA_CORRUPT. */
export async function readJsonList<T extends z.ZodType>(
  path: string,
  item: T,
  what: string,
): Promise<z.output<T>[]> {
  try {
    return z.array(item).parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new DataError(
      `${path} holds no list of ${what}. Correct or remove it.`,
      { code: 'DATA_CORRUPT', path },
      { cause },
    )
  }
}

/**
 * Writes a file of mode 0600, whole or not at all: beside its place, synced, then moved there. A function makes the text when the file
 * is there, and is given its path.
 */
export async function writeSecretFile(
  path: string,
  text: string | Uint8Array | ((temporary: string) => Promise<string>),
): Promise<void> {
  const temporary = join(dirname(path), `.${randomBytes(6).toString('hex')}.tmp`)
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(typeof text === 'function' ? await text(temporary) : text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
  await syncFolder(dirname(path))
}

/** Removes a file for good: it does not come back after a crash. */
export async function removeDurably(path: string): Promise<void> {
  await rm(path, { force: true })
  await syncFolder(dirname(path))
}

/** Makes a rename last. Systems that can't open a folder make it last by themselves. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined)
  await folder?.sync().finally(() => folder.close())
}
