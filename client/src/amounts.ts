import { TeahouseError } from '@teahouse/protocol/errors'

export class AmountError extends TeahouseError<
  | { readonly code: 'NOT_AN_AMOUNT'; readonly text: string }
  | { readonly code: 'TOO_PRECISE'; readonly text: string; readonly decimals: number }
  | { readonly code: 'TOO_LARGE'; readonly text: string }
> {}

const AMOUNT = /^(\d{1,39})(?:\.(\d{1,39}))?$/
const MAX = 2n ** 128n - 1n

/**
 * Reads an amount in whole tokens, such as `12` or `0.05`, as the token's smallest unit.
 * @throws AmountError NOT_AN_AMOUNT (signs, exponents, separators and spaces are refused), TOO_PRECISE, TOO_LARGE (2^128).
 */
export function parseAmount(text: string, decimals = 6): bigint {
  const [, whole, fraction = ''] = AMOUNT.exec(text) ?? []
  if (whole === undefined) {
    throw new AmountError(`"${text}" is not an amount; write it like 12 or 0.05`, {
      code: 'NOT_AN_AMOUNT',
      text,
    })
  }
  if (fraction.length > decimals) {
    throw new AmountError(`"${text}" has more than ${decimals} decimals`, {
      code: 'TOO_PRECISE',
      text,
      decimals,
    })
  }
  const amount = BigInt(whole + fraction.padEnd(decimals, '0'))
  if (amount > MAX) throw new AmountError(`"${text}" is too large`, { code: 'TOO_LARGE', text })
  return amount
}

/** Writes an amount of smallest units in whole tokens, without trailing zeros: the inverse of `parseAmount`. */
export function formatAmount(amount: bigint, decimals = 6): string {
  const sign = amount < 0n ? '-' : ''
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '')
  return sign + whole + (fraction && `.${fraction}`)
}
