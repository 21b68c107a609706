import { accountFromPhrase, createAccount, formatAmount, type Account } from '@teahouse/client'
import type { Command } from 'commander'
import { accountNames, saveAccount } from '../accounts.ts'
import { action, group, leaf } from '../command.ts'
import { CliError, usage } from '../errors.ts'
import { DEFAULT_TOKENS, fund } from '../faucet.ts'
import { amount } from '../parse.ts'
import type { CommonOptions, Session, World } from '../session.ts'
import { readText } from '../stdin.ts'

const COINS = 10

export function accountCommands(program: Command, world: World): void {
  const account = group(program, 'account', 'make, restore, show and fund accounts')

  leaf(account, {
    name: 'new',
    does: 'make an account from a fresh seed phrase; on the local network also give it coins and tokens',
    examples: [
      ['account new', 'the account "default"'],
      ['account new --account alice --words 24', 'another one, with a longer phrase'],
      ['account new --if-missing', 'goes on with the account if there is one, and funds it'],
    ],
  })
    .option('--words <number>', 'words of the phrase: 12 or 24', words, 12)
    .option('--if-missing', 'go on with the account if there is one; its phrase is not shown again')
    .option('--no-fund', "don't ask the local network for coins")
    .action(action<CommonOptions & NewFlags>(world, create))

  leaf(account, {
    name: 'restore',
    does: 'make an account from a seed phrase on standard input; it can send at once, also beside another device: both share the messages of an epoch',
    examples: [['account restore --account alice < phrase.txt', 'reads the words, never shows them']],
  }).action(action(world, restore))

  leaf(account, {
    name: 'show',
    does: 'show address and balances; never the phrase',
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
}

interface NewFlags {
  readonly words: number
  readonly fund: boolean
  readonly ifMissing?: boolean
}

async function create(session: Session, _: readonly unknown[], options: NewFlags): Promise<void> {
  const { accountName, home } = session
  if (options.ifMissing && (await accountNames(home)).includes(accountName)) return goOn(session, options)
  const account = createAccount(options.words === 24 ? 256 : 128)
  const path = await saveAccount(session.home, session.accountName, account)
  const funded = options.fund && (await tryFund(session, account))
  const { address, phrase } = account
  session.output.result({ account: session.accountName, address, phrase, path, funded }, [
    `Account  ${session.accountName}`,
    `Address  ${address}`,
    `Phrase   ${phrase}`,
    `File     ${path}`,
    `Funded   ${shownFunding(funded)}`,
    'Write the phrase down: whoever has it has the account, and it is not shown again.',
  ])
}

/** Funds an account that is there: a chain that started again has forgotten its coins. */
async function goOn(session: Session, options: NewFlags): Promise<void> {
  const account = await session.account()
  const { address } = account
  const funded = options.fund && (await tryFund(session, account))
  session.output.result({ account: session.accountName, address, funded }, [
    `Account  ${session.accountName}, as it was`,
    `Address  ${address}`,
    `Funded   ${shownFunding(funded)}`,
  ])
}

const shownFunding = (funded: boolean): string =>
  funded ? `${COINS} coins for gas, ${formatAmount(DEFAULT_TOKENS)} tokens` : 'no'

async function restore(session: Session): Promise<void> {
  const account = accountFromPhrase(await readText(session.world.stdin))
  const path = await saveAccount(session.home, session.accountName, account)
  const { address } = account
  session.output.result({ account: session.accountName, address, path }, [
    `Restored ${session.accountName}, ${address}`,
  ])
}

async function show(session: Session): Promise<void> {
  const { address } = await session.account()
  const { tokens, deposit, gas } = await session.withClient((client) => client.balances())
  const others = (await accountNames(session.home)).filter((name) => name !== session.accountName)
  session.output.result({ account: session.accountName, address, tokens, deposit, gas, others }, [
    `Account  ${session.accountName}${others.length > 0 ? `   (others: ${others.join(', ')})` : ''}`,
    `Address  ${address}`,
    `Tokens   ${formatAmount(tokens)}`,
    `Deposit  ${formatAmount(deposit)} (for paying nodes)`,
    `Gas      ${formatAmount(gas, 18)}`,
  ])
}

async function fundAccount(session: Session, [asked]: readonly unknown[]): Promise<void> {
  const tokens = (asked as bigint | undefined) ?? DEFAULT_TOKENS
  const { address } = await session.account()
  await fund(await session.network(), address, tokens)
  session.output.result({ account: session.accountName, address, tokens }, [
    `${address} has ${formatAmount(tokens)} tokens and ${COINS} coins for gas more`,
  ])
}

/** An account can be made before there is a network to fund it. */
async function tryFund(session: Session, { address }: Account): Promise<boolean> {
  try {
    await fund(await session.network(), address)
    return true
  } catch (error) {
    const why = error instanceof CliError ? error.message : 'the local network gave no answer'
    session.output.progress(`Not funded: ${why}. Later: teahouse account fund`)
    return false
  }
}

function words(text: string): number {
  if (text === '12' || text === '24') return Number(text)
  throw usage(`A phrase has 12 or 24 words, not "${text}"`, 'Try --words 24')
}
