import { cabRide, deposit, insurance, marketplace, plain } from '@teahouse/client'
import { describe, expect, it } from 'vitest'
import { paramsOf, type DealFlags, type TemplateName } from './offer-params.ts'

const NOW = 1_800_000_000
const ORACLE = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const HASH = `0x${'5f'.repeat(32)}` as const
const UNIT = { symbol: 'TEA', decimals: 6 }
const TEMPLATES = { plain, 'cab-ride': cabRide, marketplace, insurance, deposit }

const GOOD: readonly (readonly [TemplateName, DealFlags])[] = [
  ['plain', { amount: '20', for: 'a teapot' }],
  ['cab-ride', { amount: '5', cancel: [{ after: 300, bps: 2_000 }] }],
  ['cab-ride', { amount: '5', from: 'the lake', to: 'the station' }],
  ['deposit', { amount: '5', codeHash: HASH }],
  ['marketplace', { milestone: [{ title: 'a drawing', amount: '4.000001' }] }],
  ['insurance', { amount: '1', payout: '50', oracle: ORACLE, threshold: '-3', for: 'frost' }],
]

describe('what the command line says about a deal', () => {
  it.each(GOOD)('is what the template %s reads', (name, flags) => {
    const { params } = paramsOf(name, flags, NOW, true)
    expect(TEMPLATES[name].parse(params, UNIT)).toMatchObject({ disputeWindow: 3_600, bond: 0n })
  })

  it('has amounts as they were typed, and times from now on', () => {
    const flags = { amount: '0.000001', for: 'a leaf', deliverIn: 60, disputeWindow: 7 }
    const read = plain.parse(paramsOf('plain', flags, NOW, true).params, UNIT)
    expect(read).toMatchObject({ amount: 1n, deliverBy: NOW + 60, disputeWindow: 7 })
  })

  it('has the steps of cancelling in their order, and a code for the payer', () => {
    const cancel = [
      { after: 600, bps: 5_000 },
      { after: 300, bps: 2_000 },
    ]
    const { params, code } = paramsOf('cab-ride', { amount: '5', cancel }, NOW, true)
    expect(code).toMatch(/^0x[0-9a-f]{64}$/)
    expect(params['steps']).toEqual([
      { from: NOW + 300, bps: 2_000 },
      { from: NOW + 600, bps: 5_000 },
    ])
  })
})

describe('when it must refuse', () => {
  it.each(GOOD.flatMap(([name, flags]) => Object.keys(flags).map((key) => [name, key, flags] as const)))(
    '%s without %s, unless it can do without',
    (name, key, flags) => {
      const { [key as keyof DealFlags]: _, ...rest } = flags
      const optional = ['cancel', 'codeHash']
      if (optional.includes(key)) expect(() => paramsOf(name, rest, NOW, true)).not.toThrow()
      else expect(() => paramsOf(name, rest, NOW, true)).toThrow(`--${key}`)
    },
  )

  it('a ride of a driver who does not give the hash of the passenger’s code', () => {
    expect(() => paramsOf('cab-ride', { amount: '5' }, NOW, false)).toThrow('--code-hash')
    expect(paramsOf('cab-ride', { amount: '5', codeHash: HASH }, NOW, false)).not.toHaveProperty('code')
  })

  it('more decimals than the token has', () => {
    const { params } = paramsOf('plain', { amount: '0.0000001', for: 'dust' }, NOW, true)
    expect(() => plain.parse(params, UNIT)).toThrow(/amount/)
  })
})
