import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KeyValueStore } from '../storage/store.ts'
import { fileStore } from './file-store.ts'

/** Tells backup programs to leave a folder out (the Cache Directory Tagging Specification). */
const TAG = `Signature: 8a477f597d28d172789f06886806bc55
# Prepared proofs. A copy of one, used beside the original, reveals its owner's secret: do not back them up.
`

/**
 * The folder of an account's prepared slots. Backups leave it out by its tag; slots that were restored anyway are told apart
 * by `fileStore` and refused.
 */
export async function slotFolder(dir: string): Promise<KeyValueStore> {
  const folder = join(dir, 'slots')
  const store = await fileStore(folder)
  await writeFile(join(folder, 'CACHEDIR.TAG'), TAG, { mode: 0o600 })
  return store
}
