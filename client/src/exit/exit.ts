import { abisOf, type Deployment } from '@teahouse/protocol/chain/deployments'
import { createPublicClient, defineChain, http, type Abi, type LocalAccount } from 'viem'
import type { TxResult } from '../chain/chain.ts'
import { CallError, callError } from '../chain/errors.ts'
import { chainWriter } from '../chain/reader.ts'
import { ExitError } from './errors.ts'
import { exitEvents } from './events.ts'
import type { ExitContext, ExitItem } from './plan.ts'
import { claimablePlan } from './plans/claimable.ts'
import { PLANS } from './plans/index.ts'

export interface ExitOptions {
  /** JSON-RPC endpoint of the deployment's chain; nothing else is asked. */
  readonly rpcUrl: string
  readonly deployment: Deployment
  readonly account: LocalAccount
  /** Close open deals at once, in favour of the other party. */
  readonly concede?: boolean
}

/** A step that was taken. */
export interface ExitDone extends TxResult {
  readonly contract: string
  readonly what: string
  readonly does: string
}

/** A step that the chain refused; the others were taken. */
export interface ExitRefused {
  readonly contract: string
  readonly what: string
  readonly error: CallError
}

export interface ExitResult {
  readonly done: readonly ExitDone[]
  readonly refused: readonly ExitRefused[]
  /** What the deployment still holds. */
  readonly left: readonly ExitItem[]
}

export interface ExitRun {
  /** Goes on when something has thawed, until nothing is left but what streams or needs others. */
  readonly wait?: boolean
  /** Which items to take, and to wait for; all of them without it. */
  readonly only?: (item: ExitItem) => boolean
  readonly onDone?: (done: ExitDone) => void
  /** Told before it waits, unix seconds. */
  readonly onWait?: (until: number) => void
  readonly signal?: AbortSignal
}

export type Exit = Awaited<ReturnType<typeof createExit>>

const POLL_MS = 250
const LONGEST_SLEEP_MS = 5_000
/** What makes every further step pointless. */
const HOPELESS: ReadonlySet<string> = new Set(['NO_CHAIN', 'WRONG_CHAIN', 'NO_GAS'])

/**
 * The way out of a deployment, for one account: finds by the chain's events what the contracts hold for it, and takes it.
 * It remembers nothing, so it can be interrupted and run again at any time.
 * @throws ExitError UNKNOWN_ABIS, CallError NO_CHAIN, WRONG_CHAIN.
 */
export async function createExit({ rpcUrl, deployment, account, concede = false }: ExitOptions) {
  const { chainId, addresses, abiVersion, firstBlock } = deployment
  const abis = await abisOf(abiVersion)
  if (!abis) {
    const message = `This release does not know the contracts of version ${abiVersion}; use a newer one`
    throw new ExitError(message, { code: 'UNKNOWN_ABIS', abiVersion })
  }
  const chain = defineChain({
    id: chainId,
    name: `Chain ${chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  })
  const transport = http(rpcUrl, { retryCount: 1, timeout: 20_000, batch: true })
  const reader = createPublicClient({ chain, transport, pollingInterval: POLL_MS, cacheTime: 0 })
  const wallet = chainWriter({ chain, transport }, account)
  const actual = await attempt('ask for the chain id', () => reader.getChainId())
  if (actual !== chainId) {
    const detail = { code: 'WRONG_CHAIN', expected: chainId, actual } as const
    throw new CallError(`${rpcUrl} is chain ${actual}, not ${chainId}`, detail)
  }
  const plans = [...PLANS, ...Object.keys(addresses).map(claimablePlan)]

  async function attempt<T>(action: string, task: () => Promise<T>): Promise<T> {
    try {
      return await task()
    } catch (error) {
      throw callError(error, action, rpcUrl)
    }
  }

  const head = () => attempt('read the newest block', () => reader.getBlock({ blockTag: 'latest' }))

  /** What the deployment holds for the account now, and what can be done about it. Throws CallError. */
  async function survey(): Promise<ExitItem[]> {
    const { number: toBlock, timestamp } = await head()
    const events = exitEvents({ reader, addresses, abis: abis!, fromBlock: firstBlock, toBlock })
    const now = Number(timestamp)
    const context: ExitContext = {
      account: account.address,
      addresses,
      abis: abis!,
      reader,
      events,
      now,
      concede,
    }
    const items: ExitItem[] = []
    for (const { contract, find } of plans.filter(({ contract }) => addresses[contract] !== undefined)) {
      const found = await attempt(`read what ${contract} holds`, () => find(context))
      items.push(...found.map((item) => ({ contract, ...item })))
    }
    return items
  }

  async function take({ contract, what, next }: Callable): Promise<ExitDone> {
    const { does, functionName, args } = next
    const abi = (abis as Readonly<Record<string, Abi>>)[contract]!
    const receipt = await attempt(does, async () => {
      const call = { address: addresses[contract]!, abi, functionName, args, account }
      const { request } = await reader.simulateContract(call)
      const hash = await wallet.writeContract({ ...request, account, chain })
      return reader.waitForTransactionReceipt({ hash, pollingInterval: POLL_MS })
    })
    const { transactionHash: hash, gasUsed, blockNumber } = receipt
    if (receipt.status === 'success') return { contract, what, does, hash, gasUsed, blockNumber }
    const detail = { code: 'REVERTED', action: does, reason: 'reverted when mined', args: [] } as const
    throw new CallError(`The chain refused to ${does} (transaction ${hash})`, detail)
  }

  /** Takes every step that is possible, and with `wait` those that become so. Throws CallError if none can be. */
  async function run({ wait = false, only, onDone, onWait, signal }: ExitRun = {}): Promise<ExitResult> {
    const done: ExitDone[] = []
    const refused: ExitRefused[] = []
    const refusedKeys = new Set<string>()
    let tried = new Set<string>()
    for (;;) {
      const found = await survey()
      const items = only ? found.filter(only) : found
      const calls = items.filter(isCallable).filter((item) => !tried.has(keyOf(item)))
      for (const item of calls) {
        signal?.throwIfAborted()
        tried.add(keyOf(item))
        try {
          const taken = await take(item)
          done.push(taken)
          onDone?.(taken)
        } catch (error) {
          if (!(error instanceof CallError) || HOPELESS.has(error.code)) throw error
          refusedKeys.add(keyOf(item))
          refused.push({ contract: item.contract, what: item.what, error })
        }
      }
      if (calls.length > 0) continue
      const until = Math.min(...items.flatMap(({ next }) => (next.kind === 'wait' ? [next.until] : [])))
      if (!wait || until === Infinity) return { done, refused, left: found }
      onWait?.(until)
      await sleepUntil(until, signal)
      tried = new Set(refusedKeys)
    }
  }

  async function sleepUntil(until: number, signal?: AbortSignal): Promise<void> {
    for (;;) {
      const left = until - Number((await head()).timestamp)
      if (left <= 0) return
      await sleep(Math.min(left * 1_000, LONGEST_SLEEP_MS), signal)
    }
  }

  return { deployment, account: account.address, survey, run }
}

type Callable = ExitItem & { readonly next: Extract<ExitItem['next'], { kind: 'call' }> }

const isCallable = (item: ExitItem): item is Callable => item.next.kind === 'call'

/** Names a step, so that none is taken twice without a wait between: fees stream on while they are claimed. */
const keyOf = ({ contract, what, next }: Callable): string => `${contract}/${what}/${next.functionName}`

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal!.reason as Error)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
