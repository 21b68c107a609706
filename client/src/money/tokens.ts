import { erc20Abi, isAddressEqual, type Address } from 'viem'
import { formatAmount, parseAmount } from '../amounts.ts'
import type { Chain } from '../chain/chain.ts'
import { CallError } from '../chain/errors.ts'
import { MoneyError } from './errors.ts'

/** An ERC-20 token that can be paid with, as its contract describes it. */
export interface TokenInfo {
  readonly address: Address
  /** At most 32 characters; anybody can call a token so. */
  readonly symbol: string
  /** Of the whole token; amounts are counted in its smallest unit. */
  readonly decimals: number
}

export type Tokens = ReturnType<typeof createTokens>

/** `parseAmount` reads no more. */
const MAX_DECIMALS = 38
const MAX_SYMBOL = 32

/** The tokens that are paid with on a network: the deployment's own, and those of `more`. */
export function createTokens(chain: Chain, more: readonly Address[] = []) {
  const addresses = [chain.network.contracts.Token, ...more]
  const described = new Map<Address, TokenInfo>()

  function addressOf(token: Address = addresses[0]!): Address {
    const found = addresses.find((one) => isAddressEqual(one, token))
    if (found) return found
    throw new MoneyError(`${token} is no token of this network`, { code: 'OTHER_TOKEN', token })
  }

  /** Throws MoneyError OTHER_TOKEN, CallError. */
  async function of(token?: Address): Promise<TokenInfo> {
    const address = addressOf(token)
    const known = described.get(address)
    if (known) return known
    const call = { address, abi: erc20Abi } as const
    const [symbol, decimals] = await chain.read('read what the token is', () =>
      Promise.all([
        chain.reader.readContract({ ...call, functionName: 'symbol' }),
        chain.reader.readContract({ ...call, functionName: 'decimals' }),
      ]),
    )
    if (decimals > MAX_DECIMALS)
      throw new CallError('The token has more decimals than can be shown', {
        code: 'FAILED',
        action: 'read what the token is',
      })
    const info = { address, symbol: [...symbol].slice(0, MAX_SYMBOL).join(''), decimals }
    described.set(address, info)
    return info
  }

  return {
    addresses,
    of,
    /** Whether payments in this token count. */
    isKnown: (token: Address): boolean => addresses.some((one) => isAddressEqual(one, token)),
    read: readAmount,
    balance: (token: Address, of: Address): Promise<bigint> =>
      chain.read('read the balance', () =>
        chain.reader.readContract({
          address: addressOf(token),
          abi: erc20Abi,
          functionName: 'balanceOf',
          args: [of],
        }),
      ),
  }
}

/** An amount as the smallest unit: a bigint is that already, a text is in whole tokens. Throws AmountError, MoneyError BAD_PAYMENT. */
export function readAmount(amount: bigint | string, { decimals }: TokenInfo): bigint {
  const units = typeof amount === 'string' ? parseAmount(amount, decimals) : amount
  if (units > 0n && units < 2n ** 256n) return units
  throw new MoneyError('An amount is more than nothing', { code: 'BAD_PAYMENT', field: 'amount' })
}

/** An amount with the token's own decimals and symbol: `2.5 TEA`. */
export const showAmount = (amount: bigint, { decimals, symbol }: TokenInfo): string =>
  `${formatAmount(amount, decimals)} ${symbol}`
