import { getAddress, isAddress, type Address } from 'viem'
import { MoneyError } from './errors.ts'

/** What a payment link asks for (EIP-681): a transfer of an ERC-20 token. */
export interface PaymentLink {
  readonly chainId: number
  readonly token: Address
  readonly to: Address
  /** In the token's smallest unit; undefined if the payer is to choose. */
  readonly amount?: bigint | undefined
}

const LINK =
  /^ethereum:(?:pay-)?(?<token>0x[0-9a-fA-F]{40})@(?<chain>[1-9]\d{0,15})\/transfer\?(?<parameters>[\w=&.+]{1,300})$/
/** EIP-681's number, with a bounded exponent. */
const NUMBER = /^\+?(\d{1,78})(?:\.(\d{1,78}))?(?:[eE]\+?(\d{1,2}))?$/
const MAX_AMOUNT = 2n ** 256n - 1n
const LONGEST = 512

/** The text of a link or QR code: `ethereum:TOKEN@CHAIN/transfer?address=TO&uint256=AMOUNT`. */
export function writePaymentLink({ chainId, token, to, amount }: PaymentLink): string {
  const asked = amount === undefined ? '' : `&uint256=${amount}`
  return `ethereum:${getAddress(token)}@${chainId}/transfer?address=${getAddress(to)}${asked}`
}

/**
 * Reads a link that asks for a transfer of a token, and nothing else: it has to name token, chain and recipient by their numbers, each once,
 * and no parameter that this client would not heed. Throws MoneyError NOT_A_LINK.
 */
export function readPaymentLink(text: string): PaymentLink {
  const found = text.length <= LONGEST ? LINK.exec(text.trim())?.groups : undefined
  if (!found) throw bad('it asks for no transfer of a token on a chain')
  const { token, chain, parameters } = found as Record<'token' | 'chain' | 'parameters', string>
  const given = new Map<string, string>()
  for (const part of parameters.split('&')) {
    const [name, value, ...more] = part.split('=')
    if (value === undefined || more.length > 0) throw bad('a parameter has no value')
    if (name !== 'address' && name !== 'uint256') throw bad(`it asks for "${name}", too`)
    if (given.has(name)) throw bad(`it names "${name}" twice`)
    given.set(name, value)
  }
  const chainId = Number(chain)
  if (!Number.isSafeInteger(chainId)) throw bad('its chain has no such number')
  const to = given.get('address')
  if (to === undefined) throw bad('it does not say whom to pay')
  const amount = given.get('uint256')
  return {
    ...{ chainId, token: addressOf(token, 'token'), to: addressOf(to, 'recipient') },
    ...(amount !== undefined && { amount: amountOf(amount) }),
  }
}

/** A letter in the wrong case is a mistyped address (EIP-55), unless all are of one case. */
function addressOf(text: string, what: string): Address {
  const digits = text.slice(2)
  const isPlain = digits === digits.toLowerCase() || digits === digits.toUpperCase()
  if (isAddress(isPlain ? text.toLowerCase() : text)) return getAddress(text)
  throw bad(`its ${what} is no address`)
}

function amountOf(text: string): bigint {
  const [, whole, fraction = '', exponent = '0'] = NUMBER.exec(text) ?? []
  if (whole === undefined) throw bad('its amount is no number')
  const zeros = Number(exponent) - fraction.length
  const digits = BigInt(whole + fraction)
  const isWhole = zeros >= 0 || digits % 10n ** BigInt(-zeros) === 0n
  if (!isWhole) throw bad('its amount is not whole')
  const amount = zeros >= 0 ? digits * 10n ** BigInt(zeros) : digits / 10n ** BigInt(-zeros)
  if (amount > MAX_AMOUNT) throw bad('its amount is too large')
  return amount
}

const bad = (why: string): MoneyError =>
  new MoneyError(`This is no link to pay by: ${why}`, { code: 'NOT_A_LINK', why })
