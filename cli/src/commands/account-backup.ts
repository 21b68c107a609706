import {
  MAX_SHARES,
  accountFromPhrase,
  backupSections,
  recoverPhrase,
  restoreBackup,
  splitPhrase,
  writeBackup,
  type Account,
  type Restored,
} from '@teahouse/client'
import { fileStore } from '@teahouse/client/node'
import type { Command } from 'commander'
import { open, readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { storeOf } from '../accounts.ts'
import { action, leaf } from '../command.ts'
import { CliError, usage } from '../errors.ts'
import { counted } from '../output.ts'
import { wholeNumber } from '../parse.ts'
import { passphraseFile } from '../passphrase.ts'
import type { CommonOptions, Session, World } from '../session.ts'
import { readText } from '../stdin.ts'
import { filed, newFile, type FileFlags } from './account-file.ts'
import { say } from '../texts/say.ts'

const EXAMPLE_SHARES = 'account split --threshold 2 --shares 3'

/** What keeps an account over the loss of a device, or of the phrase. */
export function backupCommands(account: Command, world: World): void {
  leaf(account, {
    name: 'backup',
    does: 'write what is worth keeping beside the phrase to an encrypted file; never what must not be used twice',
    examples: [
      ['account backup tea.backup', 'opens with the phrase'],
      [
        'account backup tea.backup --backup-passphrase secret.txt',
        'opens with the phrase and the passphrase',
      ],
      ['account backup --on-nodes', 'is found with the phrase alone for 30 days; costs a message or a few'],
    ],
  })
    .argument('[file]', 'a new file')
    .option('--backup-passphrase <file>', 'file with a passphrase that opening the backup needs, too')
    .option('--on-nodes', 'leave it, encrypted, with the nodes that store messages')
    .action(action<CommonOptions & BackupFlags>(world, backup))

  leaf(account, {
    name: 'split',
    does: 'split the seed phrase into shares for friends to keep; so many of them bring it back, fewer say nothing',
    examples: [[EXAMPLE_SHARES, 'any two of three friends']],
  })
    .requiredOption('--threshold <number>', 'how many bring it back', wholeNumber(2, MAX_SHARES))
    .requiredOption('--shares <number>', 'how many there are', wholeNumber(2, MAX_SHARES))
    .action(action<CommonOptions & { threshold: number; shares: number }>(world, split))

  filed(
    leaf(account, {
      name: 'recover',
      does: 'make an account from shares on standard input, one a line',
      examples: [['account recover --account alice < shares.txt', 'never shows the phrase']],
    }),
  ).action(action<CommonOptions & FileFlags>(world, recover))
}

interface BackupFlags {
  readonly backupPassphrase?: string
  readonly onNodes?: boolean
}

async function backup(
  session: Session,
  [file]: readonly unknown[],
  { backupPassphrase, onNodes = false }: BackupFlags,
): Promise<void> {
  const { world, home, accountName, output } = session
  if (onNodes) {
    if (file !== undefined || backupPassphrase !== undefined)
      throw usage(
        say`A backup on nodes has no file and no passphrase`,
        say`teahouse account backup --on-nodes`,
      )
    const { madeAt } = await session.withClient(
      async ({ backups }) => (await backups.make(), backups.state()),
    )
    return output.result({ onNodes, madeAt: new Date(madeAt!).toISOString() }, [
      say`Backup   left with nodes, encrypted; they keep it for 30 days`,
      say`It comes back with: teahouse account restore --from-nodes`,
    ])
  }
  if (file === undefined)
    throw usage(say`Name a file, or --on-nodes`, say`teahouse account backup tea.backup`)
  const account = await session.account()
  const path = resolve(world.cwd, file as string)
  const sections = backupSections(await fileStore(storeOf(home, accountName)), account)
  const bytes = await writeBackup({
    ...{ account, sections, ...(await secondKey(world, backupPassphrase)) },
    ...(world.scryptCost && { cost: world.scryptCost }),
  })
  await writeNew(path, bytes)
  const names = sections.map(({ name }) => name)
  output.result({ path, bytes: bytes.length, sections: names }, [
    say`Backup   ${path}, ${bytes.length} bytes: ${names.join(', ')}`,
    backupPassphrase === undefined
      ? say`It opens with the seed phrase and nothing else.`
      : say`It opens with the seed phrase and the passphrase, and with neither alone.`,
  ])
}

/** Takes in a backup of `account`. Throws CliError NO_FILE, BackupError. */
export async function takeInBackup(
  { world, home, accountName }: Session,
  account: Account,
  file: string,
  { backupPassphrase }: { readonly backupPassphrase?: string },
): Promise<Restored> {
  const path = resolve(world.cwd, file)
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new CliError(`${path} can't be read`, { code: 'NO_FILE', path }, { cause })
  })
  const sections = backupSections(await fileStore(storeOf(home, accountName)), account)
  const passphrase = await secondKey(world, backupPassphrase)
  return restoreBackup(new Uint8Array(bytes), { account, sections, ...passphrase })
}

async function secondKey({ cwd }: World, file: string | undefined): Promise<{ passphrase?: string }> {
  return file === undefined ? {} : { passphrase: await passphraseFile(cwd, file) }
}

async function split(
  session: Session,
  _: readonly unknown[],
  { threshold, shares: count }: { threshold: number; shares: number },
): Promise<void> {
  const { phrase } = await session.account()
  const shares = await splitPhrase(phrase, { threshold, shares: count })
  session.output.result({ threshold, shares }, [
    ...shares,
    say`Give each friend one, and keep none together: any ${threshold} of them are the account.`,
  ])
}

async function recover(session: Session, _: readonly unknown[], options: FileFlags): Promise<void> {
  const save = await newFile(session, options)
  const lines = (await readText(session.world.stdin)).split('\n').map((line) => line.trim())
  const { phrase, forged } = await recoverPhrase(lines.filter(Boolean))
  const account = accountFromPhrase(phrase, { persona: options.persona })
  const { path, encrypted } = await save(account)
  const { address } = account
  session.output.result({ account: session.accountName, address, path, encrypted, forged }, [
    say`Recovered ${session.accountName}, ${address}`,
    say`File      ${path}${encrypted ? '' : say` (NOT ENCRYPTED)`}`,
    ...(forged.length > 0
      ? [say`${counted(forged.length, 'share')} did not belong to the others: ${forged.join(', ')}`]
      : []),
  ])
}

/** Throws CliError FILE_EXISTS: a backup never takes another one's place. */
async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600).catch((cause: NodeJS.ErrnoException) => {
    const [code, why] =
      cause.code === 'EEXIST'
        ? (['FILE_EXISTS', 'is there already'] as const)
        : (['NO_FILE', "can't be written"] as const)
    throw new CliError(`${path} ${why}`, { code, path }, { cause })
  })
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}
