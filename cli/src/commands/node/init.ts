import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { formatAmount, MAX_RATE_LIMIT } from '@teahouse/client'
import { Option, type Command } from 'commander'
import type { Address } from 'viem'
import { accountInfo } from '../../accounts.ts'
import { action, leaf } from '../../command.ts'
import { CliError, usage } from '../../errors.ts'
import { configText } from '../../operator/config-text.ts'
import { operatorFolder, withDir, type FolderFlags, type OperatorFile } from '../../operator/folder.ts'
import {
  newNodePassphrase,
  sealNodeKey,
  withPassphraseFile,
  type PassphraseFlags,
} from '../../operator/node-key.ts'
import { ownerKey, withOwner, type OwnerFlags } from '../../operator/owner.ts'
import { address, amount, EXAMPLE, hostName, rpcUrl, wholeNumber } from '../../parse.ts'
import type { CommonOptions, Session, World } from '../../session.ts'
import { asked } from '../../texts/language.ts'
import { say, type Said } from '../../texts/say.ts'

const PROFILES = ['edge', 'relay', 'store', 'full'] as const
const DEFAULT_PRICE = 1_000n
/** The last port has to leave one for WebSocket. */
const LAST_PORT = 65_534

interface InitFlags extends FolderFlags, PassphraseFlags, OwnerFlags {
  readonly host?: string
  readonly port: number
  readonly apiPort: number
  readonly profile?: (typeof PROFILES)[number]
  readonly price?: bigint
  readonly free: number
  readonly rateLimit?: number
  readonly payee?: Address
  readonly rpc: readonly string[]
}

export function initCommand(node: Command, world: World): void {
  const command = leaf(node, {
    name: 'init',
    does: 'make a folder with a configuration and an encrypted node key; asks on a terminal what no option says. Sends nothing',
    examples: [
      ['node init', 'asks'],
      ['node init --host tea.example.org --price 0.001 --passphrase-file key.pass', 'asks for nothing'],
      ['node init --host 127.0.0.1 --rate-limit 100', 'on the local network, with a membership of its own'],
      [`node init --host 198.51.100.7 --payee ${EXAMPLE.payee}`, 'income goes elsewhere'],
    ],
  })
    .option('--host <name>', 'name or address by which others reach the node', hostName)
    .option(
      '--port <number>',
      'port for TCP; WebSocket takes the next one',
      wholeNumber(1, LAST_PORT),
      30_304,
    )
    .option(
      '--api-port <number>',
      'port of the HTTP API, on this machine only',
      wholeNumber(1, 65_535),
      8_645,
    )
    .addOption(new Option('--profile <name>', 'what the node is for: docs/profiles.md').choices(PROFILES))
    .option('--price <tokens>', 'what a store query costs', amount)
    .option('--free <number>', 'requests that everybody has free in a minute', wholeNumber(0, 1_000_000), 10)
    .option(
      '--rate-limit <number>',
      'messages an epoch of a membership of its own, for what people push without a proof; 0 for none',
      wholeNumber(0, MAX_RATE_LIMIT),
    )
    .option('--payee <address>', 'where the income goes (default: the owner)', address)
    .option('--rpc <url>', 'endpoint of the chain; may be given several times', urls, [])
  withOwner(withPassphraseFile(withDir(command))).action(action<CommonOptions & InitFlags>(world, init))
}

const urls = (text: string, before: readonly string[]): string[] => [...before, rpcUrl(text)]

async function init(session: Session, _: readonly unknown[], flags: InitFlags): Promise<void> {
  const folder = operatorFolder(session, flags)
  if (existsSync(folder.configFile) || existsSync(folder.file('operator.json')))
    throw new CliError(`${folder.path} is the folder of a node already`, {
      code: 'NODE_FOLDER_EXISTS',
      path: folder.path,
    })
  const network = await session.network()
  const owner = await ownerOf(session, flags)
  const chosen = await askedFor(session, flags, owner)
  const passphrase = await newNodePassphrase(session.world, flags)

  const { newIdentity, newNodeKey, peerIdOfKey, writeIdentity, writeSecretFile } =
    await import('@teahouse/nodes')
  const key = newNodeKey()
  const peerId = peerIdOfKey(key)
  const operator: OperatorFile = {
    version: 1,
    ...(owner && { owner }),
    node: key.account.address,
    peerId,
    payee: chosen.payee,
  }
  await mkdir(folder.path, { recursive: true, mode: 0o700 })
  await writeSecretFile(
    folder.file('node.key.json'),
    await sealNodeKey(key.privateKey, passphrase, session.world),
  )
  const { rateLimit } = chosen
  if (rateLimit > 0)
    await writeIdentity(folder.file('identity.json'), { ...newIdentity(), rateLimit, unused: true })
  const rpcUrls = flags.rpc.length > 0 || network.rpcUrl === undefined ? flags.rpc : [network.rpcUrl]
  if (rpcUrls.length === 0) throw usage(say`A node needs an RPC endpoint`, say`--rpc https://rpc.example.org`)
  const { port, apiPort, free } = flags
  const text = configText({ ...chosen, network, rpcUrls, port, apiPort, free, hasMembership: rateLimit > 0 })
  await writeSecretFile(folder.configFile, text)
  await folder.write(operator) // last: now it is the folder of a node
  session.output.result({ dir: folder.path, config: folder.configFile, ...operator, ...chosen }, [
    say`Folder   ${folder.path}`,
    say`Config   ${folder.configFile}`,
    say`Node     ${operator.node}, encrypted in node.key.json`,
    say`Peer id  ${peerId}`,
    say`Owner    ${owner ?? say`to be named with --account or --owner-key`}`,
    say`Payee    ${operator.payee}`,
    say`Price    ${formatAmount(chosen.price)} tokens a store query`,
    say`Next: teahouse node plan, then teahouse node stake`,
  ])
}

/** The address of the account costs no passphrase; undefined if there is none yet. */
async function ownerOf(session: Session, flags: OwnerFlags): Promise<Address | undefined> {
  if (flags.ownerKey !== undefined) return (await ownerKey(session, flags)).address
  const info = await accountInfo(session.home, session.accountName).catch(() => undefined)
  return info?.address as Address | undefined
}

interface Chosen {
  readonly host: string
  readonly profile: string
  readonly price: bigint
  readonly rateLimit: number
  readonly payee: Address
}

async function askedFor({ world }: Session, flags: InitFlags, owner: Address | undefined): Promise<Chosen> {
  const isAsking = world.ask !== undefined
  async function choose<T>(
    given: T | undefined,
    question: Said,
    fallback: string | undefined,
    read: (text: string) => T,
  ): Promise<T> {
    if (given !== undefined) return given
    const shown = fallback === undefined ? '' : ` [${fallback}]`
    const answer = isAsking ? await world.ask(asked(world.env, say`${question}${shown}: `)) : ''
    const text = answer || fallback
    if (text === undefined) throw usage(say`Nothing says: ${question}`, say`Give it as an option; see --help`)
    return read(text)
  }
  const host = await choose(
    flags.host,
    say`Name or address by which others reach the node`,
    '127.0.0.1',
    hostName,
  )
  const profile = await choose<string>(
    flags.profile,
    say`Profile (${PROFILES.join(', ')})`,
    'full',
    profileName,
  )
  const price = await choose(
    flags.price,
    say`Price of a store query, in tokens`,
    formatAmount(DEFAULT_PRICE),
    amount,
  )
  const limit = wholeNumber(0, MAX_RATE_LIMIT)
  const rateLimit = await choose(
    flags.rateLimit,
    say`Messages an epoch of its own membership, 0 for none`,
    '0',
    limit,
  )
  const payee = await choose(flags.payee, say`Address that the income goes to`, owner, address)
  return { host, profile, price, rateLimit, payee }
}

function profileName(text: string): string {
  if (PROFILES.some((name) => name === text)) return text
  throw usage(say`"${text}" is no profile`, say`One of ${PROFILES.join(', ')}; see docs/profiles.md`)
}
