import { createWalletClient, http, type Hash, type LocalAccount } from 'viem'
import { contractsAt, localChain } from '@teahouse/protocol/chain'
import { eventually } from './eventually.ts'
import type { Mined } from './report.ts'
import { must } from './start-error.ts'
import type { LocalChain } from './steps/chain.ts'

/** Longer than any window of the local network that the walk waits for. */
const PATIENCE_MS = 60_000

/** The contracts as `account` calls them. */
export function contractsAs(chain: LocalChain, account: LocalAccount) {
  return contractsAt(chain.contracts, { public: chain.client, wallet: walletOf(chain, account) })
}

export function walletOf({ rpcUrl }: LocalChain, account: LocalAccount) {
  return createWalletClient({ account, chain: localChain, transport: http(rpcUrl) })
}

/** Waits until a transaction is mined. @throws StartError if it failed. */
export async function mined({ client }: LocalChain, sent: Promise<Hash>): Promise<Mined> {
  const hash = await sent
  const { gasUsed, status } = await client.waitForTransactionReceipt({ hash })
  must(status === 'success', `transaction ${hash} succeeds`)
  return { hash, gasUsed }
}

/** Waits until the newest block is of a later second than `wanted` (unix seconds). The chain makes one each second. */
export async function timeAfter({ client }: LocalChain, wanted: number): Promise<void> {
  await eventually('the chain goes on', PATIENCE_MS, async () => (await client.getBlock()).timestamp > wanted)
}
