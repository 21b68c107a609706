import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** How many former chains' data are kept for a node. */
const KEPT = 3

/**
 * Deletes the oldest data that a node of the local network has set aside. Each start makes a new chain, whose data no
 * later run can use; the last few are kept for whoever wants to look into them.
 */
export function pruneSetAside(folder: string): void {
  if (!existsSync(folder)) return
  const aside = readdirSync(folder)
    .filter((name) => name.startsWith('data.'))
    .map((name) => join(folder, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
  for (const old of aside.slice(KEPT)) rmSync(old, { recursive: true, force: true })
}
