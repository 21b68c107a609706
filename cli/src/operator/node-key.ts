import { readFile } from 'node:fs/promises'
import { openWeb3Keystore, readWeb3Keystore, sealWeb3Key } from '@teahouse/client'
import type { Command } from 'commander'
import type { Hex } from 'viem'
import { CliError } from '../errors.ts'
import { newPassphrase, passphraseFile } from '../passphrase.ts'
import type { World } from '../session.ts'
import { asked, languageOf } from '../texts/language.ts'
import { say } from '../texts/say.ts'

export interface PassphraseFlags {
  readonly passphraseFile?: string
}

export const withPassphraseFile = (command: Command): Command =>
  command.option(
    '--passphrase-file <file>',
    'file with the passphrase of the node key (default: TEAHOUSE_NODE_PASSPHRASE_FILE, TEAHOUSE_NODE_PASSPHRASE, or asked for)',
  )

/** The passphrase that opens the node key. Throws CliError NO_NODE_PASSPHRASE, BAD_PASSPHRASE_FILE. */
export async function nodePassphrase(world: World, flags: PassphraseFlags): Promise<string> {
  const passphrase =
    (await given(world, flags)) ??
    (await world.askSecret?.(asked(world.env, say`Passphrase of the node key: `)))
  if (passphrase) return passphrase
  throw new CliError('The node key is encrypted', { code: 'NO_NODE_PASSPHRASE' })
}

/** A passphrase for a new node key; typed twice on a terminal. Throws like `nodePassphrase`, and CliError PASSPHRASES_DIFFER. */
export async function newNodePassphrase(world: World, flags: PassphraseFlags): Promise<string> {
  const passphrase = await given(world, flags)
  if (passphrase) return passphrase
  if (world.askSecret)
    return newPassphrase({ ...world, env: { TEAHOUSE_LANG: languageOf(world.env) } }, say`the node key`)
  throw new CliError('A passphrase is needed for the node key', { code: 'NO_NODE_PASSPHRASE' })
}

/**
 * The passphrase of the key in a file, tried on it: another key can be sealed under it without a typo locking that up. If the key is plain, one for a new key.
 * Throws KeystoreError, like `newNodePassphrase`, and what reading throws.
 */
export async function provenPassphrase(
  keyFile: string,
  world: World,
  flags: PassphraseFlags,
): Promise<string> {
  const text = await readFile(keyFile, 'utf8')
  if (!text.trimStart().startsWith('{')) return newNodePassphrase(world, flags)
  const passphrase = await nodePassphrase(world, flags)
  await openWeb3Keystore(readWeb3Keystore(text), passphrase)
  return passphrase
}

async function given({ cwd, env }: World, flags: PassphraseFlags): Promise<string | undefined> {
  const file = flags.passphraseFile ?? env['TEAHOUSE_NODE_PASSPHRASE_FILE']
  if (file) return passphraseFile(cwd, file)
  return env['TEAHOUSE_NODE_PASSPHRASE'] || undefined
}

/** A node key as a keystore (Web3 Secret Storage, version 3), which other wallets open too. */
export const sealNodeKey = async (privateKey: Hex, passphrase: string, world: World): Promise<string> =>
  `${await sealWeb3Key(privateKey, passphrase, world.scryptCost)}\n`

/** Opens the keystore of a node key. Throws KeystoreError, and like `nodePassphrase`. */
export const keyOpener =
  (world: World, flags: PassphraseFlags) =>
  async (keystore: string): Promise<Hex> =>
    openWeb3Keystore(readWeb3Keystore(keystore), await nodePassphrase(world, flags))
