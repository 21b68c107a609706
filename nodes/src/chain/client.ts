import { setTimeout as sleep } from 'node:timers/promises'
import {
  createPublicClient,
  defineChain,
  fallback,
  http,
  type Chain,
  type Hex,
  type PublicClient,
} from 'viem'
import type { Logger } from 'pino'
import { hostsOf, NodeChainError } from './errors.ts'
import type { ChainConfig } from './config.ts'

/** A viem chain that holds nothing but its number; Teahouse runs on any EVM chain. */
export function evmChain(chainId: number, rpcUrls: readonly string[]): Chain {
  return defineChain({
    id: chainId,
    name: `chain ${chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [...rpcUrls] } },
  })
}

/** Transport over all `rpcUrls`: the first that answers serves, each with a timeout and retries. */
export function transportOf(
  rpcUrls: readonly string[],
  { timeoutMs, retries }: Pick<ChainConfig, 'timeoutMs' | 'retries'>,
) {
  return fallback(
    rpcUrls.map((url) => http(url, { timeout: timeoutMs, retryCount: retries })),
    { retryCount: 0 },
  )
}

/** A client that reads the chain. It caches nothing: the follower must see every head as it is. */
export function publicClientOf(
  chainId: number,
  rpcUrls: readonly string[],
  config: Pick<ChainConfig, 'timeoutMs' | 'retries'>,
): PublicClient {
  return createPublicClient({
    chain: evmChain(chainId, rpcUrls),
    transport: transportOf(rpcUrls, config),
    cacheTime: 0,
    pollingInterval: 500,
  })
}

export interface WaitOptions {
  readonly client: PublicClient
  readonly chainId: number
  readonly rpcUrls: readonly string[]
  readonly startTimeoutMs: number
  readonly log: Logger
  readonly signal?: AbortSignal
}

/**
 * Waits until an RPC address answers and returns the hash of block 0.
 * @throws NodeChainError CHAIN_UNAVAILABLE after `startTimeoutMs`; WRONG_CHAIN at once.
 */
export async function waitForChain(options: WaitOptions): Promise<Hex> {
  const { client, chainId, rpcUrls, startTimeoutMs, log, signal } = options
  const started = Date.now()
  for (let pauseMs = 250; ; pauseMs = Math.min(pauseMs * 2, 4_000)) {
    try {
      const actual = await client.getChainId()
      if (actual !== chainId) throw wrongChain(chainId, actual)
      return (await client.getBlock({ blockNumber: 0n })).hash
    } catch (cause) {
      if (cause instanceof NodeChainError) throw cause
      const waitedMs = Date.now() - started
      if (waitedMs + pauseMs > startTimeoutMs) throw unavailable(rpcUrls, waitedMs, cause)
      log.warn({ rpc: hostsOf(rpcUrls), waitedMs }, 'Waiting for the chain')
      await sleep(pauseMs, undefined, signal ? { signal } : {})
    }
  }
}

function wrongChain(expected: number, actual: number): NodeChainError {
  return new NodeChainError(
    `The RPC address serves chain ${actual}, the configuration names chain ${expected}. Correct "rpcUrls" or "chainId".`,
    { code: 'WRONG_CHAIN', expected, actual },
  )
}

function unavailable(rpcUrls: readonly string[], waitedMs: number, cause: unknown): NodeChainError {
  const rpcHosts = hostsOf(rpcUrls)
  return new NodeChainError(
    `No RPC address answered within ${waitedMs} ms (${rpcHosts.join(', ')}). Start the chain or correct "rpcUrls".`,
    { code: 'CHAIN_UNAVAILABLE', rpcHosts, waitedMs },
    { cause },
  )
}
