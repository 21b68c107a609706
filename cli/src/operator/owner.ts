import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import {
  connectOperator,
  openWeb3Keystore,
  readWeb3Keystore,
  type OperatorConnection,
} from '@teahouse/client'
import type { Command } from 'commander'
import type { LocalAccount } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { accountFromKeyFile } from '../deployments.ts'
import { CliError } from '../errors.ts'
import { existingPassphrase } from '../passphrase.ts'
import type { Session } from '../session.ts'
import type { OpenedFolder } from './folder.ts'

export interface OwnerFlags {
  readonly ownerKey?: string
}

export const withOwner = (command: Command): Command =>
  command.option(
    '--owner-key <file>',
    'sign with the key in this file (a web3 keystore, or 64 hex digits) instead of an account',
  )

/** The owner's key: of a file, or the account's. Throws CliError BAD_KEY_FILE, NO_ACCOUNT, NO_PASSPHRASE; KeystoreError. */
export async function ownerKey(session: Session, { ownerKey: file }: OwnerFlags): Promise<LocalAccount> {
  const { world } = session
  if (file === undefined) return (await session.account()).eth
  const path = resolve(world.cwd, file)
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new CliError(`Can't read ${path}`, { code: 'BAD_KEY_FILE', path }, { cause })
  })
  if (!text.trimStart().startsWith('{')) return accountFromKeyFile(path)
  const passphrase = await existingPassphrase(world, file)
  return privateKeyToAccount(await openWeb3Keystore(readWeb3Keystore(text), passphrase))
}

/** The operator's side of the chain, with the owner's key. Throws like `ownerKey`; CallError. */
export const asOwner = async (
  session: Session,
  { network }: OpenedFolder,
  flags: OwnerFlags,
): Promise<OperatorConnection> => connectOperator({ network, account: await ownerKey(session, flags) })

/** The same to look only: needs no key. */
export const asReader = ({ network, operator }: OpenedFolder): Promise<OperatorConnection> =>
  connectOperator({ network, account: operator.owner ?? operator.node })
