import fc from 'fast-check'
import { getAddress, type Address } from 'viem'
import { describe, expect, it } from 'vitest'
import { MoneyError } from './errors.ts'
import { readPaymentLink, writePaymentLink, type PaymentLink } from './link.ts'

const TOKEN: Address = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const TO: Address = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const START = `ethereum:${TOKEN}@31337/transfer?address=${TO}`

const addresses = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes) => getAddress(`0x${Buffer.from(bytes).toString('hex')}`))
const links: fc.Arbitrary<PaymentLink> = fc
  .record({
    chainId: fc.integer({ min: 1, max: 2 ** 50 }),
    token: addresses,
    to: addresses,
    amount: fc.option(fc.bigInt(0n, 2n ** 256n - 1n), { nil: undefined }),
  })
  .map(({ amount, ...link }) => ({ ...link, ...(amount !== undefined && { amount }) }))

function refusal(text: string): string | undefined {
  try {
    readPaymentLink(text)
    return undefined
  } catch (error) {
    return error instanceof MoneyError ? error.code : String(error)
  }
}

describe('what it does', () => {
  it('reads what it writes, to the unit', () => {
    fc.assert(
      fc.property(links, (link) => {
        expect(readPaymentLink(writePaymentLink(link))).toEqual(link)
      }),
    )
  })

  it.each([
    { text: '1000', amount: 1000n },
    { text: '2.5e6', amount: 2_500_000n },
    { text: '1e0', amount: 1n },
    { text: '15.00', amount: 15n },
    { text: '0.000001e18', amount: 10n ** 12n },
  ])('takes an amount written as $text', ({ text, amount }) => {
    expect(readPaymentLink(`${START}&uint256=${text}`).amount).toBe(amount)
  })

  it('takes addresses in one case, parameters in any order, and EIP-681\'s "pay-"', () => {
    const text = `ethereum:pay-${TOKEN.toLowerCase()}@1/transfer?uint256=7&address=0x${TO.slice(2).toUpperCase()}`
    expect(readPaymentLink(text)).toEqual({ chainId: 1, token: TOKEN, to: TO, amount: 7n })
  })
})

describe('when it must refuse', () => {
  it.each([
    { given: 'nothing', text: '' },
    { given: 'another scheme', text: START.replace('ethereum', 'bitcoin') },
    { given: 'no chain', text: START.replace('@31337', '') },
    { given: 'chain 0', text: START.replace('31337', '0') },
    { given: 'a chain too large', text: START.replace('31337', '9999999999999999') },
    { given: 'a name in the place of the token', text: START.replace(TOKEN, 'tea.eth') },
    { given: 'another function', text: START.replace('transfer', 'approve') },
    { given: 'coins instead of a token', text: `ethereum:${TO}@1?value=1` },
    { given: 'nobody to pay', text: `ethereum:${TOKEN}@1/transfer?uint256=1` },
    { given: 'two recipients', text: `${START}&address=${TOKEN}` },
    { given: 'two amounts', text: `${START}&uint256=1&uint256=2` },
    { given: 'a gas price', text: `${START}&gasPrice=1` },
    { given: 'a value beside', text: `${START}&value=1` },
    { given: 'a mistyped token', text: START.replace('70997970C', '70997970c') },
    { given: 'a mistyped recipient', text: START.replace('3C44Cd', '3c44Cd') },
    { given: 'less than a unit', text: `${START}&uint256=1.5` },
    { given: 'a negative amount', text: `${START}&uint256=-1` },
    { given: '2^256', text: `${START}&uint256=${2n ** 256n}` },
    { given: 'an exponent without end', text: `${START}&uint256=1e999` },
    { given: 'an amount in hex', text: `${START}&uint256=0x10` },
    { given: 'escapes', text: `${START}&uint256=%31` },
    { given: 'a parameter without a value', text: `${START}&uint256` },
    { given: 'something behind it', text: `${START}&uint256=1#x` },
  ])('$given', ({ text }) => expect(refusal(text)).toBe('NOT_A_LINK'))

  it('whatever else it is given, with a typed error', () => {
    const noise = fc.oneof(
      fc.string(),
      fc.tuple(links, fc.nat(200), fc.string({ maxLength: 3 })).map(([link, at, more]) => {
        const text = writePaymentLink(link)
        return text.slice(0, at) + more + text.slice(at)
      }),
    )
    fc.assert(
      fc.property(noise, (text) => {
        expect(refusal(text)).toBeOneOf([undefined, 'NOT_A_LINK'])
      }),
    )
  })
})
