import { encodeFunctionData, type Address, type PublicClient } from 'viem'
import { localChain } from '@teahouse/protocol/chain'
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
function isWorth(amount: bigint, cost: bigint, coinValue: bigint, factor: number): boolean {
  return amount * WEI_A_COIN >= cost * coinValue * BigInt(factor)
}

/**
 * What a coin of the chain is taken to be worth, in the token's smallest unit, when nobody says: 10,000 tokens. A token is about a dollar, and
 * no coin of a chain that this runs on was ever worth so much; so a node that was told nothing collects later than it could, and never at a loss.
 */
const UNKNOWN_COIN_VALUE = 10_000_000_000n

/** What a coin is worth by the configuration, or by default; those of the local chain are free. */
export function coinValueOf(coinValue: bigint | undefined, chainId: number): bigint {
  return coinValue ?? (chainId === localChain.id ? 0n : UNKNOWN_COIN_VALUE)
}

/** What a voucher brings, and whether it can wait. */
export interface Worth {
  readonly owed: bigint
  readonly isUrgent: boolean
}

export interface WorthDeps<T> {
  /** What it would cost in wei to collect these together. */
  readonly cost: (batch: readonly T[]) => Promise<bigint>
  readonly coinValue: bigint
  /** How many times its gas a voucher has to be worth that can wait; one that can't, once. */
  readonly factor: number
}

/**
 * The vouchers of a batch that are worth their gas together, the greatest first: each pays for what it adds, and all of them for the whole.
 * So those that bring little hold none of the others back. Empty if it is not worth it. Throws what `cost` throws.
 */
export async function worthTogether<T extends Worth>(
  batch: readonly T[],
  { cost, coinValue, factor }: WorthDeps<T>,
): Promise<readonly T[]> {
  const weight = ({ owed, isUrgent }: Worth) => (isUrgent ? owed * BigInt(factor) : owed)
  const sorted = [...batch].sort((a, b) => (weight(a) === weight(b) ? 0 : weight(a) < weight(b) ? 1 : -1))
  const [first] = sorted
  if (!first) return []
  const whole = await cost(sorted)
  const alone = sorted.length === 1 ? whole : await cost([first])
  const added = sorted.length === 1 || whole < alone ? 0n : (whole - alone) / BigInt(sorted.length - 1)
  const chosen = sorted.filter((one) => isWorth(weight(one), added, coinValue, factor))
  const together = alone + added * BigInt(chosen.length - 1)
  const sum = chosen.reduce((total, one) => total + weight(one), 0n)
  return chosen.length > 0 && isWorth(sum, together, coinValue, factor) ? chosen : []
}
