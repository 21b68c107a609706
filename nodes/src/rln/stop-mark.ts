import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { removeDurably, writeSecretFile } from '../files.ts'
import { sealer } from '../seal.ts'

/**
 * The mark of a clean stop: a file that holds its own seal and a random token, which the counter's database holds too. It is good
 * for one start, and only beside the database that it was written for: a copy of either is told.
 */
export interface StopMark {
  /** The token of the mark, which is gone for good when this returns; undefined without a mark, or with one that was copied. */
  take(): Promise<string | undefined>
  /** Writes a mark with a new token, which it returns. */
  leave(): Promise<string>
}

/** The mark at `path`. Throws what reading and writing files throws. */
export function stopMark(path: string): StopMark {
  return {
    async take() {
      const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined
        throw error
      })
      if (text === undefined) return undefined
      const seal = await (await sealer(dirname(path)))(path)
      await removeDurably(path)
      const [found, token] = text.trim().split(' ')
      return found === seal ? token : undefined
    },
    async leave() {
      const token = randomBytes(16).toString('hex')
      const sealOf = await sealer(dirname(path))
      await writeSecretFile(path, async (temporary) => `${await sealOf(temporary)} ${token}\n`)
      return token
    },
  }
}
