import { randomUUID } from 'node:crypto'
import { open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Names a file by what a copy of it does not share: inode and birth time. Throws what `stat` throws. */
export type SealOf = (path: string) => Promise<string>

/**
 * Seals of files in `dir`: inode and birth time, or the inode alone where the file system keeps no birth time. A file that was copied
 * or restored has another seal; a snapshot of the whole disk has the same.
 */
export async function sealer(dir: string): Promise<SealOf> {
  const probe = join(dir, `.${randomUUID()}.probe`)
  const renamed = `${probe}.renamed`
  const file = await open(probe, 'wx', 0o600)
  try {
    const before = await file.stat({ bigint: true })
    await rename(probe, renamed)
    const after = await stat(renamed, { bigint: true })
    const hasBirth = before.birthtimeNs > 0n && before.birthtimeNs === after.birthtimeNs
    return async (path) => {
      const { ino, birthtimeNs } = await stat(path, { bigint: true })
      return hasBirth ? `${ino}:${birthtimeNs}` : `${ino}`
    }
  } finally {
    await file.close()
    await rm(probe, { force: true })
    await rm(renamed, { force: true })
  }
}
