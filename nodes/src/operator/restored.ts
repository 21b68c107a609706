import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { DataError, removeDurably, writeSecretFile } from '../files.ts'

const NAME = 'restored.json'
const Mark = z.strictObject({ at: z.int().nonnegative() })

/** Tells the node that the data folder was put back from a backup, now: its books may lack what was signed since the backup was made. */
export async function markRestored(dataDir: string, now: () => number = Date.now): Promise<void> {
  await writeSecretFile(join(dataDir, NAME), `${JSON.stringify({ at: Math.floor(now() / 1_000) })}\n`)
}

/**
 * When the folder was put back, in unix seconds, to `heed` once: the mark goes when that is done. Nothing if it was not. @throws DataError DATA_CORRUPT.
 */
export async function heedRestored(dataDir: string, heed: (at: number) => Promise<void>): Promise<void> {
  const path = join(dataDir, NAME)
  if (!existsSync(path)) return
  let mark: z.output<typeof Mark>
  try {
    mark = Mark.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (cause) {
    const message = `${path} is damaged. Restore the backup again, into an empty folder.`
    throw new DataError(message, { code: 'DATA_CORRUPT', path }, { cause })
  }
  await heed(mark.at)
  await removeDurably(path)
}
