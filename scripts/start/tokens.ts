import { formatUnits, parseUnits } from 'viem'

/** Decimals of the local network's token. */
export const TOKEN_DECIMALS = 6

/** An amount in the token's smallest unit. */
export const tea = (amount: string): bigint => parseUnits(amount, TOKEN_DECIMALS)

/** An amount of smallest units, for people. */
export const inTea = (amount: bigint): string => formatUnits(amount, TOKEN_DECIMALS)
