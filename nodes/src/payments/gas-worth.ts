import { encodeFunctionData, type Address, type PublicClient } from 'viem'
import type { ContractCall } from '../chain/sender.ts'

/** What a transaction would cost now, in wei. Throws what viem throws. */
export type GasCost = (call: ContractCall) => Promise<bigint>

/** Asks the chain for gas and price of a call that `from` would send. */
export function gasCost(client: PublicClient, from: Address): GasCost {
  return async (call) => {
    const data = encodeFunctionData(call)
    const [gas, price] = await Promise.all([
      client.estimateGas({ account: from, to: call.address, data }),
      client.getGasPrice(),
    ])
    return gas * price
  }
}

const WEI_A_COIN = 10n ** 18n

/** True if `amount` of the token is worth `factor` times `cost` in wei, when a coin is worth `coinValue` of the token. */
export function isWorth(amount: bigint, cost: bigint, coinValue: bigint, factor: number): boolean {
  return amount * WEI_A_COIN >= cost * coinValue * BigInt(factor)
}
