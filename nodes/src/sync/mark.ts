import { readFile } from 'node:fs/promises'
import type { Logger } from 'pino'
import { z } from 'zod'
import { writeSecretFile } from '../files.ts'

const MarkJson = z.strictObject({ syncedUntil: z.string().regex(/^\d{1,19}$/) })

/** Until when the archive was last compared with another one, on disk. */
export interface SyncMark {
  /** Unix nanoseconds; undefined if it never was. */
  readonly until: bigint | undefined
  /** On disk when it resolves. */
  save(until: bigint): Promise<void>
}

/** Opens the mark in a JSON file, which need not be there. One that can't be read counts as none: nothing but time is lost by it. */
export async function openMark(path: string, log: Logger): Promise<SyncMark> {
  let until = await read(path, log)
  return {
    get until() {
      return until
    },
    async save(next) {
      await writeSecretFile(path, `${JSON.stringify({ syncedUntil: next.toString() })}\n`)
      until = next
    },
  }
}

async function read(path: string, log: Logger): Promise<bigint | undefined> {
  try {
    return BigInt(MarkJson.parse(JSON.parse(await readFile(path, 'utf8'))).syncedUntil)
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== 'ENOENT')
      log.warn({ err, path }, 'Could not read until when the archive is synced')
    return undefined
  }
}
