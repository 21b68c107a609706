import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Client, KeptReceipt } from '@teahouse/client'
import { CliError } from '../../errors.ts'
import { isHash } from '../../parse.ts'
import type { Session, World } from '../../session.ts'

/** The receipt that an argument names. Throws CliError NO_FILE, CourtError NOT_A_RECEIPT or UNKNOWN_RECEIPT. */
export async function receiptOf({ world }: Session, client: Client, named: unknown): Promise<KeptReceipt> {
  const text = String(named)
  if (isHash(text)) return await client.courts.receipt(text)
  const { readReceipt } = await import('@teahouse/client')
  return readReceipt(await fileText(world, text))
}

/** What is in a file, without blanks around it. Throws CliError NO_FILE. */
export async function fileText({ cwd }: World, name: string): Promise<string> {
  const path = resolve(cwd, name)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new CliError(`There is no file ${name}`, { code: 'NO_FILE', path })
    throw error
  })
  return text.trim()
}
