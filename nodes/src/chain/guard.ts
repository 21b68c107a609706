import { existsSync } from 'node:fs'
import { mkdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Logger } from 'pino'
import { DataError, writeSecretFile } from '../files.ts'

const ChainMark = z.strictObject({ chainId: z.int(), genesisHash: z.string(), registry: z.string() })
/** What tells one deployment of the network from another; kept as `chain.json` in the data folder. */
export type ChainMark = z.output<typeof ChainMark>

/**
 * Makes sure that `dataDir` holds data of this chain. Data of another chain is set aside by renaming the folder, never mixed.
 * @throws DataError when the mark can't be read or parsed.
 */
export async function guardDataDir(dataDir: string, mark: ChainMark, log: Logger): Promise<void> {
  const path = join(dataDir, 'chain.json')
  if (existsSync(path)) {
    const found = await readMark(path)
    if (sameChain(found, mark)) return
    const aside = await setAside(dataDir, found)
    log.warn({ aside, found, now: mark }, 'Set the data of another chain aside')
  }
  await mkdir(dataDir, { recursive: true })
  await writeSecretFile(path, `${JSON.stringify(mark, null, 2)}\n`)
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
