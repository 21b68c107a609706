/** Numbers as people read them, in the language of the page. */

/** Decimals of the network's token, and of the chain's coin. */
const TOKEN_DECIMALS = 6
const COIN_DECIMALS = 18

export const count = (value, language) => new Intl.NumberFormat(language).format(value)

/** Bytes in binary units. */
export function bytes(value) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10))
  const scaled = value / 2 ** (10 * power)
  return `${scaled >= 100 || power === 0 ? Math.round(scaled) : scaled.toFixed(1)} ${units[power]}`
}

/** An amount in the smallest unit, a text of digits, with as many decimals as tell something. */
function amount(digits, decimals, shown, language) {
  const padded = digits.padStart(decimals + 1, '0')
  const whole = new Intl.NumberFormat(language).format(BigInt(padded.slice(0, -decimals)))
  const fraction = padded.slice(-decimals).slice(0, shown).replace(/0+$/, '')
  return fraction === '' ? whole : `${whole}.${fraction}`
}

export const tokens = (digits, language) => amount(digits, TOKEN_DECIMALS, 4, language)
export const coin = (digits, language) => amount(digits, COIN_DECIMALS, 4, language)

export const short = (text) => (text.length > 20 ? `${text.slice(0, 6)}…${text.slice(-4)}` : text)
