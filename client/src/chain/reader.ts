import {
  createClient,
  type Account,
  type Chain as ChainDefinition,
  type Client,
  type PublicClient,
  type Transport,
  type WalletClient,
} from 'viem'
import { call, getBalance, getBlock, getChainId, getLogs, readContract } from 'viem/actions'
import type { Writing } from './writing.ts'

/** What is read of the chain, as viem's public client would; loaded as far as it is used, since viem's brings along all that it can do. */
export type ChainReader = Client &
  Pick<
    PublicClient,
    'call' | 'getBalance' | 'getBlock' | 'getChainId' | 'getLogs' | 'readContract' | WritingName
  >

/** What only those need who write, or look at what was written; it is loaded then. */
type WritingName =
  | 'estimateFeesPerGas'
  | 'estimateGas'
  | 'getContractEvents'
  | 'getTransactionCount'
  | 'getTransactionReceipt'
  | 'simulateContract'
  | 'waitForTransactionReceipt'

export type ChainWriter = Pick<WalletClient, 'sendTransaction' | 'writeContract'>

export interface ReaderOptions {
  readonly chain: ChainDefinition
  readonly transport: Transport
  /** Milliseconds between two looks for something that is awaited. */
  readonly pollMs: number
}

/** Calls nothing. */
export function chainReader({ chain, transport, pollMs }: ReaderOptions): ChainReader {
  const client: Client = createClient({ chain, transport, pollingInterval: pollMs, cacheTime: 0 })
  const later = laterOf(client)
  const actions = {
    call: (args: never) => call(client, args),
    getBalance: (args: never) => getBalance(client, args),
    getBlock: (args: never) => getBlock(client, args),
    getChainId: () => getChainId(client),
    getLogs: (args: never) => getLogs(client, args),
    readContract: (args: never) => readContract(client, args),
    estimateFeesPerGas: later('estimateFeesPerGas'),
    estimateGas: later('estimateGas'),
    getContractEvents: later('getContractEvents'),
    getTransactionCount: later('getTransactionCount'),
    getTransactionReceipt: later('getTransactionReceipt'),
    simulateContract: later('simulateContract'),
    waitForTransactionReceipt: later('waitForTransactionReceipt'),
  }
  return Object.assign(client, actions) as unknown as ChainReader
}

/** Signs and sends transactions of `account`. Calls nothing. */
export function chainWriter(
  { chain, transport }: Omit<ReaderOptions, 'pollMs'>,
  account: Account,
): ChainWriter {
  const later = laterOf(createClient({ chain, transport, account }))
  const writer = { sendTransaction: later('sendTransaction'), writeContract: later('writeContract') }
  return writer as unknown as ChainWriter
}

function laterOf(client: Client) {
  return (name: keyof Writing) =>
    async (args: never): Promise<unknown> => {
      const { writing } = await import('./writing.ts')
      const act = writing[name] as (client: Client, args: never) => Promise<unknown>
      return await act(client, args)
    }
}
