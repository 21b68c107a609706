import { parseEther, type Address } from 'viem'
import type { Mined } from './report.ts'
import type { LocalChain } from './steps/chain.ts'

/** Native coin that everybody gets: enough for the gas of many steps. */
const COIN = parseEther('1')

/** Gives an address native coin and freshly minted tokens (smallest unit). Only a local network has such a faucet. */
export async function fund(chain: LocalChain, to: Address, tokens: bigint): Promise<Mined> {
  const coin = await chain.faucet.sendTransaction({ to, value: COIN })
  await chain.client.waitForTransactionReceipt({ hash: coin })
  const hash = await chain.at.Token.write.mint([to, tokens])
  const { gasUsed } = await chain.client.waitForTransactionReceipt({ hash })
  return { hash, gasUsed }
}
