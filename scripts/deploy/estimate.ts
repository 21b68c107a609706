import type { HardhatRuntimeEnvironment } from 'hardhat/types/hre'
import { type Address, type Hex, hexToBigInt, numberToHex } from 'viem'
import type { Given } from '../../ignition/modules/given.ts'
import { teahouse } from '../../ignition/modules/teahouse.ts'
import { DeployError } from './errors.ts'
import type { Parameters } from './parameters.ts'

export interface Estimate {
  readonly transactions: number
  readonly gas: bigint
}

const FIRST_NONCE = 1_000_000

interface Block {
  readonly gasUsed: Hex
  readonly transactions: readonly unknown[]
}

/**
 * Deploys the same on a simulated chain, so that gas is known and a constructor that refuses its parameters does it
 * there. `codeOf` gives the code of what is on the real chain already. Throws DeployError CONSTRUCTOR_REFUSED.
 */
export async function estimate(
  hre: HardhatRuntimeEnvironment,
  chainId: number,
  { given, parameters }: { given: Given; parameters: Parameters | undefined },
  codeOf: (address: Address) => Promise<Hex>,
): Promise<Estimate> {
  const connection = await hre.network.create({
    network: 'default',
    override: { chainId },
  })
  const request = (method: string, params: unknown[]): Promise<unknown> =>
    connection.provider.request({ method, params })
  try {
    // Far from the nonces that anything given may have been made with: two contracts can't have one address.
    const [sender] = (await request('eth_accounts', [])) as Address[]
    await request('hardhat_setNonce', [sender, numberToHex(FIRST_NONCE)])
    for (const address of Object.values(given) as Address[])
      await request('hardhat_setCode', [address, await codeOf(address)])
    await connection.ignition.deploy(
      teahouse(given),
      parameters ? { parameters: { Teahouse: parameters } } : {},
    )
    let [transactions, gas] = [0, 0n]
    const head = Number(await request('eth_blockNumber', []))
    for (let number = 1; number <= head; number++) {
      const block = (await request('eth_getBlockByNumber', [numberToHex(number), false])) as Block
      transactions += block.transactions.length
      gas += hexToBigInt(block.gasUsed)
    }
    return { transactions, gas }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const message = `These parameters cannot be deployed; on a simulated chain: ${why}`
    throw new DeployError(message, { code: 'CONSTRUCTOR_REFUSED' }, { cause })
  } finally {
    await connection.close()
  }
}
