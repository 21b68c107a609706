import { MAX_PERSONA, type Account } from '@teahouse/client'
import type { Command } from 'commander'
import { localChain } from '@teahouse/protocol/chain'
import { saveAccount, type AccountInfo } from '../accounts.ts'
import { wholeNumber } from '../parse.ts'
import { CliError } from '../errors.ts'
import { givenPassphrase, newPassphrase } from '../passphrase.ts'
import type { Session } from '../session.ts'
import { say, type Text } from '../texts/say.ts'

export interface FileFlags {
  readonly persona: number
  /** False with --no-passphrase. */
  readonly passphrase: boolean
}

export type Kept = Pick<AccountInfo, 'path' | 'encrypted'>

/** Adds the options of whatever writes an account file. */
export function filed(command: Command): Command {
  return command
    .option('--persona <number>', 'another person from the same phrase', wholeNumber(0, MAX_PERSONA), 0)
    .option('--no-passphrase', 'leave the account file unencrypted: for development only')
}

/**
 * Asks for the passphrase of a new account file, before standard input is read for anything else. What it returns writes the
 * file, and says loudly if whoever can read that has the account.
 */
export async function newFile(
  session: Session,
  options: FileFlags,
): Promise<(account: Account) => Promise<Kept>> {
  const { home, accountName, output, world } = session
  const passphrase = await accountPassphrase(session, options.passphrase)
  const encrypted = passphrase !== undefined
  return async (account) => {
    const path = await saveAccount(home, accountName, account, { passphrase, cost: world.scryptCost })
    if (!encrypted) output.progress(say`WARNING: ${path} is NOT ENCRYPTED. Later: teahouse account encrypt`)
    return { path, encrypted }
  }
}

export const shownFile = ({ path, encrypted }: Kept): Text[] => [
  say`File     ${path}`,
  encrypted
    ? say`Secret   encrypted with the passphrase`
    : say`Secret   NOT ENCRYPTED: whoever can read the file has the account. For development only`,
]

/**
 * The passphrase for a new account file; undefined for a file without encryption: with --no-passphrase, or on the local
 * development network when none was given, whose coins are worth nothing.
 */
async function accountPassphrase(session: Session, isWanted: boolean): Promise<string | undefined> {
  if (!isWanted) return undefined
  const { world, accountName } = session
  const given = await givenPassphrase(world)
  if (given !== undefined) return given
  if (await isDevelopment(session)) return undefined
  return newPassphrase(world, say`account "${accountName}"`)
}

async function isDevelopment(session: Session): Promise<boolean> {
  try {
    return (await session.network()).chainId === localChain.id
  } catch (error) {
    if (error instanceof CliError) return false // no network that we know
    throw error
  }
}
