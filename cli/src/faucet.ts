import { CallError } from '@teahouse/client'
import { abis, type LocalNetwork, localChain } from '@teahouse/protocol/chain'
import { createPublicClient, createWalletClient, http, parseEther, type Address } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { CliError, usage } from './errors.ts'
import { say } from './texts/say.ts'

/** The phrase that every Hardhat chain gives its coins to; public, so worthless anywhere else. */
const WELL_KNOWN = 'test test test test test test test test test test test junk'
const GAS = parseEther('10')
const ATTEMPTS = 5
export const DEFAULT_TOKENS = 1_000_000_000n

/**
 * Gives an account coins for gas and `tokens` (smallest unit) of the local token.
 * @throws CliError NOT_LOCAL on any chain but a local one; CallError NO_CHAIN.
 */
export async function fund(network: LocalNetwork, to: Address, tokens = DEFAULT_TOKENS): Promise<void> {
  const { chainId, rpcUrl, contracts } = network
  if (chainId !== localChain.id) {
    throw new CliError(`Chain ${chainId} gives no coins away`, { code: 'NOT_LOCAL', chainId })
  }
  if (rpcUrl === undefined) throw usage(say`Coins come over an RPC endpoint only`, say`Leave out --no-rpc`)
  const account = mnemonicToAccount(WELL_KNOWN)
  const transport = http(rpcUrl, { retryCount: 0, timeout: 10_000 })
  const reader = createPublicClient({ chain: localChain, transport, pollingInterval: 200 })
  const wallet = createWalletClient({ chain: localChain, transport, account })
  try {
    await retried(async () => {
      const hash = await wallet.sendTransaction({ to, value: GAS })
      await reader.waitForTransactionReceipt({ hash })
    })
    await retried(async () => {
      const mint = {
        address: contracts.Token,
        abi: abis.Token,
        functionName: 'mint',
        args: [to, tokens],
      } as const
      await reader.waitForTransactionReceipt({ hash: await wallet.writeContract(mint) })
    })
  } catch (cause) {
    throw new CallError(
      `The account could not be funded at ${rpcUrl}`,
      { code: 'NO_CHAIN', rpcUrl },
      { cause },
    )
  }
}

/** Others use the same account, so a nonce may be taken meanwhile. */
async function retried(task: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await task()
    } catch (error) {
      if (attempt >= ATTEMPTS || !/nonce/i.test(String(error))) throw error
    }
  }
}
