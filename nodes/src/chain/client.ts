import { setTimeout as sleep } from 'node:timers/promises'
import {
  createPublicClient,
  defineChain,
  type Chain,
  type Hex,
  type PublicClient,
  type Transport,
} from 'viem'
import type { Logger } from 'pino'
import { hostsOf, NodeChainError } from './errors.ts'
import type { Endpoints } from './endpoints.ts'

/** A viem chain that holds nothing but its number; Teahouse runs on any EVM chain. */
export function evmChain(chainId: number): Chain {
  return defineChain({
    id: chainId,
    name: `chain ${chainId}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [] } },
  })
}

/** A client that reads the chain. It caches nothing: the follower must see every head as it is. */
export function publicClientOf(chainId: number, transport: Transport): PublicClient {
  return createPublicClient({ chain: evmChain(chainId), transport, cacheTime: 0, pollingInterval: 500 })
}

export interface WaitOptions {
  readonly endpoints: Endpoints
  readonly chainId: number
  readonly rpcUrls: readonly string[]
  readonly startTimeoutMs: number
  readonly log: Logger
  readonly signal?: AbortSignal
}

/**
 * Waits until a quorum of the endpoints agrees on the chain and returns the hash of block 0.
 * @throws NodeChainError CHAIN_UNAVAILABLE after `startTimeoutMs`; WRONG_CHAIN at once.
 */
export async function waitForChain(options: WaitOptions): Promise<Hex> {
  const { endpoints, chainId, rpcUrls, startTimeoutMs, log, signal } = options
  const started = performance.now()
  for (let pauseMs = 250; ; pauseMs = Math.min(pauseMs * 2, 4_000)) {
    try {
      await endpoints.refresh()
      return endpoints.genesisHash!
    } catch (cause) {
      const foreign = endpoints.foreignChain()
      if (foreign !== undefined) throw wrongChain(chainId, foreign)
      const waitedMs = Math.round(performance.now() - started)
      if (waitedMs + pauseMs > startTimeoutMs) throw unavailable(rpcUrls, endpoints.quorum, waitedMs, cause)
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

function unavailable(
  rpcUrls: readonly string[],
  quorum: number,
  waitedMs: number,
  cause: unknown,
): NodeChainError {
  const rpcHosts = hostsOf(rpcUrls)
  const who = rpcUrls.length === 1 ? 'The RPC address did not answer' : `No ${quorum} RPC addresses agreed`
  return new NodeChainError(
    `${who} within ${waitedMs} ms (${rpcHosts.join(', ')}). Start the chain or correct "rpcUrls".`,
    { code: 'CHAIN_UNAVAILABLE', rpcHosts, waitedMs },
    { cause },
  )
}
