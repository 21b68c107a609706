import { erc20Abi, maxUint256, type Address } from 'viem'
import type { ContractName } from '@teahouse/protocol/chain'
import { formatAmount } from '../amounts.ts'
import type { Chain, TxResult } from './chain.ts'
import { CallError } from './errors.ts'

/** Lets a contract take exactly `amount` of the token, unless it already may. */
export async function approve(
  chain: Chain,
  spender: ContractName,
  amount: bigint,
): Promise<TxResult | undefined> {
  const { contracts, account, reader } = chain
  const to = contracts[spender].address
  const allowed = await chain.read('read the allowance', () =>
    reader.readContract({
      address: contracts.Token.address,
      abi: erc20Abi,
      functionName: 'allowance',
      args: [account.address, to],
    }),
  )
  if (allowed >= amount || allowed === maxUint256) return undefined
  return chain.allow(spender, amount)
}

/** Throws CallError NOT_ENOUGH_TOKENS, before any gas is spent, if the account has less than `needed`. */
export async function requireTokens(chain: Chain, needed: bigint): Promise<void> {
  const balance = await tokenBalance(chain, chain.account.address)
  if (balance >= needed) return
  const message = `This takes ${formatAmount(needed)} tokens; the account has ${formatAmount(balance)}`
  throw new CallError(message, { code: 'NOT_ENOUGH_TOKENS', needed, balance })
}

/** Token balance in its smallest unit. */
export function tokenBalance(chain: Chain, of: Address): Promise<bigint> {
  const { contracts, reader } = chain
  return chain.read('read the balance', () =>
    reader.readContract({
      address: contracts.Token.address,
      abi: erc20Abi,
      functionName: 'balanceOf',
      args: [of],
    }),
  )
}
