import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CliError } from './errors.ts'
import { asked } from './texts/language.ts'
import { say, shown, type Text } from './texts/say.ts'

const LONGEST = 1024

/** Where a passphrase may come from. */
export interface Asking {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly askSecret?: (question: string) => Promise<string>
}

/** The passphrase that opens an account file. Throws CliError NO_PASSPHRASE, BAD_PASSPHRASE_FILE. */
export async function existingPassphrase(world: Asking, name: string): Promise<string> {
  const given =
    (await givenPassphrase(world)) ??
    (await world.askSecret?.(asked(world.env, say`Passphrase of account "${name}": `)))
  if (given) return given
  throw noPassphrase(`The account "${name}" is encrypted`)
}

/** A passphrase for something new: from the file of the environment, or typed twice. Throws like `existingPassphrase`. */
export async function newPassphrase(world: Asking, what: Text): Promise<string> {
  const given = (await givenPassphrase(world)) ?? (await typedTwice(world, what))
  if (given) return given
  throw noPassphrase(`A passphrase is needed for ${shown(what)}`)
}

/** A passphrase that is the text of a file, without its last line break. Throws CliError BAD_PASSPHRASE_FILE. */
export async function passphraseFile(cwd: string, file: string): Promise<string> {
  const path = resolve(cwd, file)
  const bad = (why: string, cause?: unknown) =>
    new CliError(`${path} ${why}`, { code: 'BAD_PASSPHRASE_FILE', path }, { cause })
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw bad("can't be read", cause)
  }
  const passphrase = text.replace(/\r?\n$/, '')
  if (passphrase === '' || passphrase.length > LONGEST) throw bad(`does not hold 1 to ${LONGEST} characters`)
  return passphrase
}

/** What the file holds that TEAHOUSE_PASSPHRASE_FILE names; undefined if it names none. */
export async function givenPassphrase({ env, cwd }: Asking): Promise<string | undefined> {
  const file = env['TEAHOUSE_PASSPHRASE_FILE']
  return file ? passphraseFile(cwd, file) : undefined
}

async function typedTwice({ askSecret, env }: Asking, what: Text): Promise<string | undefined> {
  if (!askSecret) return undefined
  const first = await askSecret(asked(env, say`New passphrase for ${what}: `))
  if (first === '') return undefined
  if ((await askSecret(asked(env, say`The same again: `))) === first) return first
  throw new CliError('The two passphrases differ', { code: 'PASSPHRASES_DIFFER' })
}

const noPassphrase = (message: string): CliError => new CliError(message, { code: 'NO_PASSPHRASE' })
