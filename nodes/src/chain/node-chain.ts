import type { Hex, LocalAccount, PublicClient } from 'viem'
import type { Logger } from 'pino'
import {
  abis,
  contractsAt,
  readMembershipParams,
  type ContractAddresses,
  type MembershipParams,
} from '@teahouse/protocol/chain'
import { agreedTransport } from './agreed-transport.ts'
import { evmChain, publicClientOf, waitForChain } from './client.ts'
import type { ChainConfig } from './config.ts'
import type { EndpointStatus } from './endpoint.ts'
import { rpcEndpoints } from './endpoints.ts'
import { NodeChainError } from './errors.ts'
import { followHead, type Head } from './head.ts'
import { createSender, type Sender } from './sender.ts'

/** The chain as the node uses it. */
export interface NodeChain {
  readonly client: PublicClient
  readonly genesisHash: Hex
  readonly params: MembershipParams
  readonly head: Head
  readonly sender: Sender
  /** How each RPC endpoint does. */
  endpoints(): EndpointStatus[]
}

export interface NodeChainInit {
  readonly chainId: number
  readonly rpcUrls: readonly string[]
  readonly contracts: ContractAddresses
  readonly config: ChainConfig
  readonly account: LocalAccount
  readonly log: Logger
  readonly signal: AbortSignal
}

/**
 * Connects with the chain over all RPC endpoints: waits for it, checks that it is the right one and holds the contracts, reads the network's parameters.
 * @throws NodeChainError CHAIN_UNAVAILABLE, WRONG_CHAIN, NO_CONTRACT; ChainError.
 */
export async function connectChain(init: NodeChainInit): Promise<NodeChain> {
  const { chainId, rpcUrls, contracts, config, account, log, signal } = init
  const endpoints = rpcEndpoints({ chainId, rpcUrls, config, log })
  const transport = agreedTransport(chainId, endpoints)
  const client = publicClientOf(chainId, transport)
  const { startTimeoutMs } = config
  const genesisHash = await waitForChain({ endpoints, chainId, rpcUrls, startTimeoutMs, log, signal })
  await checkContracts(client, contracts)
  const params = await readMembershipParams(contractsAt(contracts, client).MembershipRegistry)
  const first = await endpoints.agreed()
  const head = followHead({ first, latest: endpoints.refresh, pollMs: config.pollMs, log })
  const sender = createSender({
    account,
    chain: evmChain(chainId),
    client,
    transport,
    receiptTimeoutMs: config.receiptTimeoutMs,
    replaceAfterMs: config.replaceAfterMs,
    log,
  })
  return { client, genesisHash, params, head, sender, endpoints: endpoints.status }
}

async function checkContracts(client: PublicClient, contracts: ContractAddresses): Promise<void> {
  for (const name of Object.keys(abis) as (keyof typeof abis)[]) {
    const address = contracts[name]
    const code = await client.getCode({ address })
    if (code !== undefined && code !== '0x') continue
    const message = `There is no contract at ${address} (${name}). Correct "contracts", or "rpcUrls" if this is another network.`
    throw new NodeChainError(message, { code: 'NO_CONTRACT', name, address })
  }
}
