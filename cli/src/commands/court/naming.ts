import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Client, KeptReceipt } from '@teahouse/client'
import type { Hex } from 'viem'
import { CliError } from '../../errors.ts'
import type { Session, World } from '../../session.ts'

export const isId = (text: string): text is Hex => /^0x[0-9a-fA-F]{64}$/.test(text)

/** The receipt that an argument names. Throws CliError NO_FILE, CourtError NOT_A_RECEIPT or UNKNOWN_RECEIPT. */
export async function receiptOf({ world }: Session, client: Client, named: unknown): Promise<KeptReceipt> {
  const text = String(named)
  if (isId(text)) return await client.courts.receipt(text)
  const { readReceipt } = await import('@teahouse/client')
  return readReceipt(await readText(world, text))
}

export async function readText({ cwd }: World, name: string): Promise<string> {
  const path = resolve(cwd, name)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new CliError(`There is no file ${name}`, { code: 'NO_FILE', path })
    throw error
  })
  return text.trim()
}
