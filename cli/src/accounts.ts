import { accountFromPhrase, type Account } from '@teahouse/client'
import { isTeahouseError } from '@teahouse/protocol/errors'
import { link, mkdir, open, readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { CliError } from './errors.ts'

const AccountFile = z.object({ version: z.literal(1), address: z.string(), phrase: z.string() })

const pathOf = (home: string, name: string): string => join(home, 'accounts', `${name}.json`)

/** The folder of an account's counter, vouchers and unsent messages. */
export const storeOf = (home: string, name: string): string => join(home, 'accounts', `${name}.store`)

/** Writes a new account, readable by its owner only. Throws CliError ACCOUNT_EXISTS. */
export async function saveAccount(home: string, name: string, account: Account): Promise<string> {
  const path = pathOf(home, name)
  const { address, phrase } = account
  await mkdir(join(home, 'accounts'), { recursive: true, mode: 0o700 })
  const temporary = `${path}.${process.pid}.new`
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(`${JSON.stringify({ version: 1, address, phrase }, null, 2)}\n`)
    await file.sync()
    await link(temporary, path) // unlike a rename, never replaces what is there
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    throw new CliError(`There is an account "${name}" already`, { code: 'ACCOUNT_EXISTS', name }, { cause })
  } finally {
    await file.close()
    await rm(temporary, { force: true })
  }
  return path
}

/** Reads an account. Throws CliError NO_ACCOUNT or BAD_ACCOUNT_FILE. */
export async function loadAccount(home: string, name: string): Promise<Account> {
  const path = pathOf(home, name)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new CliError(`There is no account "${name}"`, { code: 'NO_ACCOUNT', name }, { cause })
  }
  try {
    return accountFromPhrase(AccountFile.parse(JSON.parse(text)).phrase)
  } catch (error) {
    // The cause is left out: a parser's message may quote the phrase.
    const why = isTeahouseError(error) ? ` (${error.code})` : ''
    throw new CliError(`${path} is not an account file${why}`, { code: 'BAD_ACCOUNT_FILE', path })
  }
}

/** Names of all accounts, sorted. */
export async function accountNames(home: string): Promise<string[]> {
  const files = await readdir(join(home, 'accounts')).catch(() => [])
  return files
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort()
}
