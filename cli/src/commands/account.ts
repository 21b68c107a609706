import { accountFromPhrase, createAccount, formatAmount, type PhraseLanguage } from '@teahouse/client'
import { Option, type Command } from 'commander'
import { bytesToHex, type Address } from 'viem'
import { accountInfo, accountNames, encryptAccount } from '../accounts.ts'
import { action, group, leaf } from '../command.ts'
import { CliError, usage } from '../errors.ts'
import { inWords } from '../explain.ts'
import { DEFAULT_TOKENS, fund } from '../faucet.ts'
import { amount } from '../parse.ts'
import { existingPassphrase, newPassphrase, passphraseFile } from '../passphrase.ts'
import type { CommonOptions, Session, World } from '../session.ts'
import { readText } from '../stdin.ts'
import { backupCommands, takeInBackup } from './account-backup.ts'
import { filed, newFile, shownFile, type FileFlags } from './account-file.ts'
import { contactCommands } from './account-contact.ts'
import { keyCommands } from './account-keys.ts'
import { say, type Said } from '../texts/say.ts'

const COINS = 10

export function accountCommands(program: Command, world: World): void {
  const account = group(program, 'account', 'make, restore, show, keep and share accounts')

  filed(
    leaf(account, {
      name: 'new',
      does: 'make an account from a fresh seed phrase; on the local network also give it coins and tokens',
      examples: [
        ['account new', 'the account "default"'],
        ['account new --account alice --words 24 --language zh-Hans', 'a longer phrase, in Chinese'],
        ['account new --if-missing', 'goes on with the account if there is one, and funds it'],
      ],
    }),
  )
    .option('--words <number>', 'words of the phrase: 12 or 24', words, 12)
    .addOption(new Option('--language <tag>', 'its word list').choices(['en', 'zh-Hans']).default('en'))
    .option('--if-missing', 'go on with the account if there is one; its phrase is not shown again')
    .option('--no-fund', "don't ask the local network for coins")
    .action(action<CommonOptions & NewFlags>(world, create))

  filed(
    leaf(account, {
      name: 'restore',
      does: 'make an account from a seed phrase on standard input; it can send at once, also beside another device: both share the messages of an epoch',
      examples: [
        ['account restore --account alice < phrase.txt', 'reads the words, never shows them'],
        ['account restore --backup tea.backup < phrase.txt', 'and takes in what the backup holds'],
        ['account restore --from-nodes < phrase.txt', 'and takes in the backup that nodes keep of it'],
      ],
    }),
  )
    .option(
      '--backup <file>',
      'take in this backup; the phrase is only asked for if there is no such account yet',
    )
    .option('--backup-passphrase <file>', 'file with the passphrase that the backup was made with')
    .option('--from-nodes', 'take in the newest backup that nodes keep; asks the network')
    .action(action<CommonOptions & RestoreFlags>(world, restore))

  leaf(account, {
    name: 'show',
    does: 'show address, chat identity and balances; never the phrase',
    examples: [
      ['account show', ''],
      ['account show --account alice --json', ''],
    ],
  }).action(action(world, show))

  leaf(account, {
    name: 'fund',
    does: 'give an account coins for gas and tokens; on the local network only',
    examples: [
      ['account fund', 'the usual amount'],
      ['account fund 5000', '5000 tokens'],
    ],
  })
    .argument('[amount]', 'tokens', amount)
    .action(action(world, fundAccount))

  leaf(account, {
    name: 'encrypt',
    does: 'encrypt an account file that is not yet, or change its passphrase',
    examples: [
      ['account encrypt --account alice', 'asks for the passphrases'],
      ['account encrypt --new-passphrase secret.txt', 'without asking'],
    ],
  })
    .option('--new-passphrase <file>', 'file with the passphrase that it shall have')
    .action(action<CommonOptions & { newPassphrase?: string }>(world, encrypt))

  backupCommands(account, world)
  keyCommands(account, world)
  contactCommands(account, world)
}

interface NewFlags extends FileFlags {
  readonly words: number
  readonly language: PhraseLanguage
  readonly fund: boolean
  readonly ifMissing?: boolean
}

interface RestoreFlags extends FileFlags {
  readonly backup?: string
  readonly backupPassphrase?: string
  readonly fromNodes?: boolean
}

async function create(session: Session, _: readonly unknown[], options: NewFlags): Promise<void> {
  const { accountName, home } = session
  if (options.ifMissing && (await accountNames(home)).includes(accountName)) return goOn(session, options)
  const { language, persona } = options
  const save = await newFile(session, options)
  const account = createAccount(options.words === 24 ? 256 : 128, { language, persona })
  const { path, encrypted } = await save(account)
  const funded = options.fund && (await tryFund(session, account.address))
  const { address, phrase } = account
  session.output.result({ account: accountName, address, phrase, path, encrypted, funded }, [
    say`Account  ${accountName}${persona > 0 ? say`, persona ${persona}` : ''}`,
    say`Address  ${address}`,
    say`Phrase   ${phrase}`,
    ...shownFile({ path, encrypted }),
    say`Funded   ${shownFunding(funded)}`,
    say`Write the phrase down: whoever has it has the account, and it is not shown again.`,
  ])
}

/** Funds an account that is there: a chain that started again has forgotten its coins. Needs no passphrase. */
async function goOn(session: Session, options: NewFlags): Promise<void> {
  const { address } = await accountInfo(session.home, session.accountName)
  const funded = options.fund && (await tryFund(session, address as Address))
  session.output.result({ account: session.accountName, address, funded }, [
    say`Account  ${session.accountName}, as it was`,
    say`Address  ${address}`,
    say`Funded   ${shownFunding(funded)}`,
  ])
}

const shownFunding = (funded: boolean): Said =>
  funded ? say`${COINS} coins for gas, ${formatAmount(DEFAULT_TOKENS)} tokens` : say`no`

async function restore(session: Session, _: readonly unknown[], options: RestoreFlags): Promise<void> {
  const { home, accountName, output } = session
  const takesIn = options.backup !== undefined || options.fromNodes === true
  const isThere = takesIn && (await accountNames(home)).includes(accountName)
  const made = isThere ? undefined : await fromStdin(session, options)
  const account = made?.account ?? (await session.account())
  const fromFile = options.backup && (await takeInBackup(session, account, options.backup, options))
  const fromNodes = options.fromNodes
    ? await session.withClient(({ backups }) => backups.restore())
    : undefined
  const restored = fromNodes ?? (fromFile || undefined)
  const { address } = account
  const { path, encrypted } = made ?? (await accountInfo(home, accountName))
  output.result(
    {
      ...{ account: accountName, address, path, encrypted },
      ...(restored && { restored: restored.restored, skipped: restored.skipped }),
    },
    [
      say`Restored ${accountName}, ${address}`,
      ...shownFile({ path, encrypted }),
      ...(restored ? [say`Backup   ${restored.restored.join(', ') || say`nothing in it`}`] : []),
      ...(options.fromNodes && !fromNodes ? [say`Backup   nodes keep none of the last 30 days`] : []),
      ...(restored && restored.skipped.length > 0
        ? [say`Left out ${restored.skipped.join(', ')}: a newer release made these; restore again with that`]
        : []),
    ],
  )
}

async function fromStdin(session: Session, options: RestoreFlags) {
  const save = await newFile(session, options)
  const account = accountFromPhrase(await readText(session.world.stdin), { persona: options.persona })
  return { account, ...(await save(account)) }
}

async function encrypt(
  { home, accountName, world, output }: Session,
  _: readonly unknown[],
  { newPassphrase: file }: { newPassphrase?: string },
): Promise<void> {
  const old = () => existingPassphrase(world, accountName)
  const passphrase = await (file === undefined
    ? newPassphrase(world, say`account "${accountName}"`)
    : passphraseFile(world.cwd, file))
  const { path, address } = await encryptAccount(home, accountName, {
    old,
    passphrase,
    cost: world.scryptCost,
  })
  output.result({ account: accountName, address, path, encrypted: true }, [
    say`Account  ${accountName}, ${address}`,
    ...shownFile({ path, encrypted: true }),
  ])
}

async function show(session: Session): Promise<void> {
  const { address, persona, chat } = await session.account()
  const { tokens, deposit, gas } = await session.withClient((client) => client.balances())
  const others = (await accountNames(session.home)).filter((name) => name !== session.accountName)
  const identity = bytesToHex(chat.publicKey)
  const { encrypted } = await accountInfo(session.home, session.accountName)
  const value = { account: session.accountName, address, persona, chat: identity, encrypted }
  session.output.result({ ...value, tokens, deposit, gas, others }, [
    say`Account  ${session.accountName}${others.length > 0 ? say`   (others: ${others.join(', ')})` : ''}`,
    say`Address  ${address}`,
    say`Persona  ${persona}`,
    say`Chat     ${identity}`,
    say`Tokens   ${formatAmount(tokens)}`,
    say`Deposit  ${formatAmount(deposit)} (for paying nodes)`,
    say`Gas      ${formatAmount(gas, 18)}`,
  ])
}

async function fundAccount(session: Session, [asked]: readonly unknown[]): Promise<void> {
  const tokens = (asked as bigint | undefined) ?? DEFAULT_TOKENS
  const { address } = await accountInfo(session.home, session.accountName)
  await fund(await session.network(), address as Address, tokens)
  session.output.result({ account: session.accountName, address, tokens }, [
    say`${address} has ${formatAmount(tokens)} tokens and ${COINS} coins for gas more`,
  ])
}

/** An account can be made before there is a network to fund it. */
async function tryFund(session: Session, address: Address): Promise<boolean> {
  try {
    await fund(await session.network(), address)
    return true
  } catch (error) {
    const why =
      error instanceof CliError ? inWords(error, session.world.env) : say`the local network gave no answer`
    session.output.progress(say`Not funded: ${why}. Later: teahouse account fund`)
    return false
  }
}

function words(text: string): number {
  if (text === '12' || text === '24') return Number(text)
  throw usage(say`A phrase has 12 or 24 words, not "${text}"`, say`Try --words 24`)
}
