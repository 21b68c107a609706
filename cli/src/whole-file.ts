import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { CliError } from './errors.ts'

/**
 * Writes what comes into a file that appears when it is whole; only for its owner.
 * @throws CliError FILE_EXISTS; what `parts` throws.
 */
export async function writeWhole(path: string, parts: AsyncIterable<Uint8Array>): Promise<void> {
  if (existsSync(path)) throw new CliError(`${path} is there already`, { code: 'FILE_EXISTS', path })
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  const file = await open(temporary, 'wx', 0o600)
  try {
    for await (const bytes of parts) await file.writeFile(bytes)
    await file.sync()
    await file.close()
    await rename(temporary, path)
  } catch (error) {
    await file.close().catch(() => undefined)
    await rm(temporary, { force: true })
    throw error
  }
}
