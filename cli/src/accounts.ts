import {
  accountFromPhrase,
  fileKey,
  openAccountFile,
  readAccountFile,
  sealAccount,
  withPassphrase,
  writeAccountFile,
  type Account,
  type AccountFile,
  type ScryptCost,
} from '@teahouse/client'
import { isTeahouseError } from '@teahouse/protocol/errors'
import { link, mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { CliError } from './errors.ts'

/** A file without encryption, as a local development network may have it. */
const PlainFile = z.object({
  version: z.literal(1),
  address: z.string(),
  phrase: z.string(),
  persona: z.int().nonnegative().default(0),
})

/** What an account file says before it is opened. */
export interface AccountInfo {
  readonly path: string
  readonly address: string
  readonly encrypted: boolean
}

/** How a new account file is encrypted; not at all without a passphrase. */
export interface NewPassphrase {
  readonly passphrase: string | undefined
  readonly cost?: ScryptCost | undefined
}

/** Gives the passphrase of an account file; called only if it has one. */
export type AskPassphrase = () => Promise<string>

const pathOf = (home: string, name: string): string => join(home, 'accounts', `${name}.json`)

/** The folder of an account's counter, vouchers and unsent messages. */
export const storeOf = (home: string, name: string): string => join(home, 'accounts', `${name}.store`)

/**
 * Writes a new account, readable by its owner only, encrypted if there is a passphrase. Throws CliError ACCOUNT_EXISTS.
 */
export async function saveAccount(
  home: string,
  name: string,
  account: Account,
  { passphrase, cost }: NewPassphrase,
): Promise<string> {
  const path = pathOf(home, name)
  const text =
    passphrase === undefined
      ? plainText(account)
      : writeAccountFile(await sealAccount(account, passphrase, cost))
  await mkdir(join(home, 'accounts'), { recursive: true, mode: 0o700 })
  await writeThen(path, text, async (temporary) => {
    await link(temporary, path).catch((cause: NodeJS.ErrnoException) => {
      // Unlike a rename, a link never replaces what is there.
      if (cause.code !== 'EEXIST') throw cause
      throw new CliError(`There is an account "${name}" already`, { code: 'ACCOUNT_EXISTS', name }, { cause })
    })
  })
  return path
}

/** Reads an account. Throws CliError NO_ACCOUNT or BAD_ACCOUNT_FILE, KeystoreError, and what `ask` throws. */
export async function loadAccount(home: string, name: string, ask: AskPassphrase): Promise<Account> {
  const file = await readFileOf(home, name)
  return 'phrase' in file
    ? guarded(pathOf(home, name), () => accountFromPhrase(file.phrase, { persona: file.persona }))
    : openAccountFile(file, await ask())
}

/** Throws CliError NO_ACCOUNT or BAD_ACCOUNT_FILE. */
export async function accountInfo(home: string, name: string): Promise<AccountInfo> {
  const file = await readFileOf(home, name)
  return { path: pathOf(home, name), address: file.address, encrypted: !('phrase' in file) }
}

/** Encrypts an account file, or changes its passphrase. What was there before is replaced in one step. */
export async function encryptAccount(
  home: string,
  name: string,
  { old, passphrase, cost }: { old: AskPassphrase; passphrase: string; cost?: ScryptCost | undefined },
): Promise<AccountInfo> {
  const file = await readFileOf(home, name)
  const renewed =
    'phrase' in file
      ? await sealPlain(file, passphrase, cost)
      : await relock(file, await old(), passphrase, cost)
  const path = pathOf(home, name)
  await writeThen(path, writeAccountFile(renewed), (temporary) => rename(temporary, path))
  return { path, address: renewed.address, encrypted: true }
}

/** Names of all accounts, sorted. */
export async function accountNames(home: string): Promise<string[]> {
  const files = await readdir(join(home, 'accounts')).catch(() => [])
  return files
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort()
}

type PlainFile = z.output<typeof PlainFile>

async function readFileOf(home: string, name: string): Promise<PlainFile | AccountFile> {
  const path = pathOf(home, name)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new CliError(`There is no account "${name}"`, { code: 'NO_ACCOUNT', name }, { cause })
  }
  return guarded(path, () => {
    const json: unknown = JSON.parse(text)
    const isEncrypted = typeof json === 'object' && json !== null && 'format' in json
    return isEncrypted ? readAccountFile(text) : PlainFile.parse(json)
  })
}

/** A parser's message may quote the phrase, so it is left out, and so is the cause. */
function guarded<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const why = isTeahouseError(error) ? ` (${error.code})` : ''
    throw new CliError(`${path} is not an account file${why}`, { code: 'BAD_ACCOUNT_FILE', path })
  }
}

const sealPlain = (
  { phrase, persona }: PlainFile,
  passphrase: string,
  cost?: ScryptCost,
): Promise<AccountFile> => sealAccount(accountFromPhrase(phrase, { persona }), passphrase, cost)

async function relock(
  file: AccountFile,
  old: string,
  passphrase: string,
  cost?: ScryptCost,
): Promise<AccountFile> {
  const key = await fileKey(file, old)
  try {
    return await withPassphrase(file, key, passphrase, cost)
  } finally {
    key.fill(0)
  }
}

function plainText({ address, phrase, persona }: Account): string {
  const file = { version: 1, address, phrase, ...(persona > 0 && { persona }) }
  return `${JSON.stringify(file, null, 2)}\n`
}

/** Writes a file beside `path` to disk, and hands it to `place`. */
async function writeThen(path: string, text: string, place: (temporary: string) => Promise<void>) {
  const temporary = `${path}.${process.pid}.new`
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await place(temporary)
  } finally {
    await rm(temporary, { force: true })
  }
}
