import { statfs, stat } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatAmount } from '@teahouse/client'
import { z } from 'zod'
import { recognised } from '../texts/recognised.ts'
import { say } from '../texts/say.ts'
import { bad, good, unknown, type Check, type CheckDeps } from './check.ts'
import { gasDays } from './days-left.ts'
import { reachability } from './reachability.ts'

const TIMEOUT_MS = 5_000
const [PATIENCE_MS, PAUSE_MS] = [8_000, 500]
/** Messages of another time are refused by all nodes. */
const MAX_CLOCK_ERROR_SECONDS = 10
const OPEN_TO_OTHERS = 0o077
const MIN_FREE_BYTES = 1024 ** 3

/** Everything that `teahouse node doctor` looks at, in the order in which it helps to put things right. */
export const CHECKS: readonly ((deps: CheckDeps) => Promise<Check | Check[]>)[] = [
  rpc,
  clock,
  keyFile,
  disk,
  stake,
  keysOnChain,
  gas,
  health,
  ports,
  announcement,
  reachability,
]

interface RpcAnswer {
  readonly url: string
  readonly host: string
  readonly chainId?: number
  /** Milliseconds that the endpoint's clock is ahead of ours, to the second. */
  readonly clockMs?: number
}

async function askRpc(url: string): Promise<RpcAnswer> {
  const host = new URL(url).host
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const { result } = z.object({ result: z.string() }).parse(await response.json())
    const date = Date.parse(response.headers.get('date') ?? '')
    return { url, host, chainId: Number(result), ...(date > 0 && { clockMs: date + 500 - Date.now() }) }
  } catch {
    return { url, host }
  }
}

async function rpc({ config }: CheckDeps): Promise<Check> {
  const answers = await Promise.all(config.rpcUrls.map(askRpc))
  const silent = answers.filter(({ chainId }) => chainId === undefined).map(({ host }) => host)
  const wrong = answers.filter(({ chainId }) => chainId !== undefined && chainId !== config.chainId)
  const [other] = wrong
  if (other)
    return bad(
      'rpc',
      say`${other.host} is of chain ${other.chainId!}, not ${config.chainId}`,
      say`Correct "rpcUrls".`,
    )
  if (silent.length > 0)
    return bad(
      'rpc',
      say`no answer from ${silent.join(', ')}`,
      say`Check the way there, or name others in "rpcUrls".`,
    )
  const found = say`${answers.length} of ${answers.length} answer`
  if (answers.length < 3 && config.chainId !== LOCAL_CHAIN)
    return bad(
      'rpc',
      found,
      say`Name three in "rpcUrls", of unrelated providers: one that lies is then outvoted.`,
    )
  return good('rpc', found)
}

/** Hardhat's. */
const LOCAL_CHAIN = 31_337

async function clock({ config }: CheckDeps): Promise<Check> {
  const answers = await Promise.all(config.rpcUrls.map(askRpc))
  const clocks = answers
    .flatMap(({ clockMs }) => (clockMs === undefined ? [] : [clockMs]))
    .sort((a, b) => a - b)
  const median = clocks[Math.floor(clocks.length / 2)]
  if (median === undefined)
    return unknown(
      'clock',
      say`no endpoint tells its time`,
      say`Make sure that this machine takes its time from the network (NTP).`,
    )
  const seconds = Math.round(median / 1_000)
  if (Math.abs(seconds) <= MAX_CLOCK_ERROR_SECONDS)
    return good('clock', say`${Math.abs(seconds)} s from that of the endpoints`)
  return bad(
    'clock',
    seconds > 0 ? say`${seconds} s behind the endpoints` : say`${-seconds} s ahead of the endpoints`,
    say`Set it, best from the network (NTP): with this clock messages are refused.`,
  )
}

async function keyFile({ config: { keyFile: path } }: CheckDeps): Promise<Check> {
  const mode = await stat(path).then(
    (found) => found.mode,
    () => undefined,
  )
  if (mode === undefined) return bad('key', say`no ${path}`, say`Put it back: teahouse node restore.`)
  if (process.platform !== 'win32' && (mode & OPEN_TO_OTHERS) !== 0)
    return bad(
      'key',
      say`others may read the node key`,
      say`chmod 600 ${path}; if others use this machine, also: teahouse node rotate node.`,
    )
  return good('key', say`readable by its owner only`)
}

async function disk({ config: { dataDir, budgets }, folder }: CheckDeps): Promise<Check> {
  const { bavail, bsize } = await statfs(dataDir).catch(() => statfs(dirname(folder.path)))
  const free = bavail * bsize - budgets.diskReserveBytes
  const found = say`${(free / 1024 ** 3).toFixed(1)} GiB free beside the reserve`
  return free < MIN_FREE_BYTES
    ? bad('disk', found, say`Make room, or set "store.retention.bytes": a full disk refuses messages.`)
    : good('disk', found)
}

async function stake({ config, desk }: CheckDeps): Promise<Check> {
  if (config.operatorId === 0) return bad('stake', say`no operator yet`, say`teahouse node stake AMOUNT`)
  const { staked, minimum } = await desk.state(config.operatorId)
  const found = say`${formatAmount(staked)} of at least ${formatAmount(minimum)} tokens`
  return staked < minimum
    ? bad('stake', found, say`teahouse node stake AMOUNT: with less nobody uses the node.`)
    : good('stake', found)
}

async function keysOnChain({ config, desk, operator }: CheckDeps): Promise<Check> {
  if (config.operatorId === 0) return unknown('keys', say`no operator yet`, say`teahouse node stake AMOUNT`)
  const { node, payee, bound } = await desk.state(config.operatorId)
  if (node !== operator.node)
    return bad(
      'keys',
      say`the chain names ${node} as node key, this folder has ${operator.node}`,
      say`teahouse node rotate node, or put the right folder back.`,
    )
  if (payee !== operator.payee)
    return bad(
      'keys',
      say`the chain names ${payee} as payee, this folder ${operator.payee}`,
      say`teahouse node rotate payee ADDRESS`,
    )
  if (!bound)
    return bad('keys', say`another operator named this node key first`, say`teahouse node rotate node`)
  return good('keys', say`the chain names those of this folder`)
}

async function gas({ config, desk, operator }: CheckDeps): Promise<Check> {
  const { coins } = await desk.balances(operator.node)
  const { timestamp: now } = await desk.head()
  const sent =
    config.operatorId === 0
      ? { transactions: 0, since: 0 }
      : await desk.activity(config.operatorId, operator.node)
  const { days, because } = gasDays({ coins, gasPrice: await desk.gasPrice(), ...sent, now })
  const found = say`${formatAmount(coins, 18)} coins at the node key, ${because}`
  if (coins === 0n)
    return bad(
      'gas',
      found,
      say`teahouse node register --node-coins AMOUNT: without gas nothing is collected.`,
    )
  return days !== null && days < 7
    ? bad('gas', found, say`Send coins to ${operator.node}.`)
    : good('gas', found)
}

const Ready = z.object({
  ready: z.boolean(),
  problems: z.array(z.object({ message: z.string(), action: z.string() })),
})

async function health({ api, isUp }: CheckDeps): Promise<Check | Check[]> {
  if (!isUp)
    return unknown('node', say`no answer at ${api.url}`, say`Start it: teahouse node run --dir FOLDER`)
  const problems = await lastingProblems(api)
  if (problems.length === 0) return good('node', say`answers at ${api.url}, no problems`)
  return problems.map(({ message, action }) => bad('node', recognised(message), recognised(action)))
}

/** Those that a node which has just started does not get over by itself in a moment: it first has to connect, and to read the chain. */
async function lastingProblems(api: CheckDeps['api']) {
  for (const until = Date.now() + PATIENCE_MS; ; await sleep(PAUSE_MS)) {
    const { problems } = Ready.parse(await api.ask('/health/ready'))
    if (problems.length === 0 || Date.now() > until) return problems
  }
}

async function ports({ config, isUp }: CheckDeps): Promise<Check> {
  const listened = config.listen.flatMap((address) => tcpOf(address) ?? [])
  const open = await Promise.all(listened.map(({ host, port }) => answers(host, port)))
  const names = (wanted: boolean) => listened.filter((_, at) => open[at] === wanted).map(({ port }) => port)
  if (isUp && names(false).length > 0)
    return bad(
      'ports',
      say`nobody answers at ${names(false).join(', ')}`,
      say`Look in the log for why the node does not listen there.`,
    )
  if (isUp) return good('ports', say`${names(true).join(', ')} answer`)
  const taken = await Promise.all(listened.map(({ host, port }) => isTaken(host, port)))
  const used = listened.filter((_, at) => taken[at]).map(({ port }) => port)
  return used.length > 0
    ? bad(
        'ports',
        say`${used.join(', ')} can't be listened on`,
        say`Stop what uses them, or change "listen" (ports below 1024 need rights).`,
      )
    : good('ports', say`${listened.map(({ port }) => port).join(', ')} are free for the node`)
}

async function announcement({ config, desk, isUp }: CheckDeps): Promise<Check> {
  if (config.operatorId === 0)
    return unknown('announced', say`no operator yet`, say`teahouse node stake AMOUNT`)
  const { announced } = await desk.state(config.operatorId)
  if (announced) return good('announced', say`on chain`)
  return bad(
    'announced',
    say`not on chain`,
    isUp ? say`Wait a minute; then look in the log.` : say`teahouse node register`,
  )
}

/** Host and port of a TCP multiaddr. */
function tcpOf(address: string): { host: string; port: number } | undefined {
  const [, host, port] = /^\/ip[46]\/([^/]+)\/tcp\/(\d+)/.exec(address) ?? []
  return host !== undefined && port !== '0' ? { host: HERE[host] ?? host, port: Number(port) } : undefined
}

const HERE: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: TIMEOUT_MS })
    const end = (isOpen: boolean) => {
      socket.destroy()
      resolve(isOpen)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
    socket.once('timeout', () => end(false))
  })
}

function isTaken(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(true))
    server.listen({ host, port }, () => server.close(() => resolve(false)))
  })
}
