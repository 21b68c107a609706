import { dealState, type DealStatus, type DealTerms } from '@teahouse/client'
import { zeroAddress, type Address } from 'viem'
import { describe, expect, it } from 'vitest'
import { shown, type Text } from '../../texts/say.ts'
import { zhHans } from '../../texts/zh-Hans/index.ts'
import { showDeal, showMoves } from './text.ts'

const at = (digit: string): Address => `0x${digit.repeat(40)}`
const DEAL = `0x${'5f'.repeat(32)}` as const
const TERMS: DealTerms = {
  ...{ payer: at('1'), payee: at('2'), arbiter: at('3'), evaluator: zeroAddress },
  ...{ amount: 8_000_000n, collateral: 2_000_000n, arbiterFee: 500_000n, bond: 1_000_000n },
  ...{ deliverBy: 1_800_000_000, disputeWindow: 3_600, rulingWindow: 7_200, defaultToPayee: 2_500 },
  ...{ appFeeRecipient: at('4'), appFeeBps: 100, details: DEAL },
}
const KINDS = [TERMS, { ...TERMS, evaluator: at('5') }, { ...TERMS, bond: 0n, collateral: 0n }]
const ENDS_AT = TERMS.deliverBy + 5
const OUTCOMES = [
  ...(['released', 'refunded', 'settled', 'ruled', 'accepted', 'defaulted'] as const),
  ...(['evaluated', 'unanswered'] as const),
]

/** All that `deal status` can print of a deal in one state, in time and too late. */
function linesOf(terms: DealTerms, state: DealStatus['state'], closed?: DealStatus['closed']): Text[] {
  const left = closed ? 0n : 7_000_000n
  const endsAt = ['offered', 'challenged', 'disputed'].includes(state) ? ENDS_AT : undefined
  const lines = showDeal({ deal: DEAL, state, terms, endsAt, left, closed })
  if (state === 'opening') return lines
  const view = { state, byPayee: true, endsAt: endsAt ?? 0, left }
  const times = [TERMS.deliverBy - 10, ENDS_AT, TERMS.deliverBy + 100_000]
  return [...lines, ...times.flatMap((now) => showMoves(dealState(terms, view, now)))]
}

const everything = (): Text[] =>
  KINDS.flatMap((terms) => [
    ...(['opening', 'offered', 'funded', 'challenged', 'disputed'] as const).flatMap((state) =>
      linesOf(terms, state),
    ),
    ...OUTCOMES.flatMap((outcome) =>
      linesOf(terms, 'closed', { outcome, toPayer: 1n, toPayee: 2n, toArbiter: 3n, toApp: 4n }),
    ),
  ])

/** Without what is nobody's language: hex, times, and the command that a move is typed as. */
const plain = (line: string): string =>
  line.replace(/0x[0-9a-f]+|\d{4}-\d\d-\d\dT[\d:.]+Z|（[a-z]+( --[a-z]+)?）/gi, '')

describe('how a deal stands', () => {
  it('has no English in it in Chinese, whatever its state, its terms and its end', () => {
    const lines = everything().map((line) => shown(line, zhHans))
    expect(lines.length).toBeGreaterThan(250)
    expect(lines.filter((line) => /[a-z]/i.test(plain(line)))).toEqual([])
  })

  it('has every state, move, role, end and deadline in English', () => {
    const text = everything()
      .map((line) => shown(line))
      .join('\n')
    expect(text).not.toMatch(/\{\d|undefined|\p{Script=Han}/u)
    expect(text).toContain('release: payer\n')
    expect(text).toContain('dispute: payer or payee, until 2027-01-15T09:00:00.000Z; locks 1 tokens')
    expect(text).toContain('State    closed: unanswered')
    expect(text).toContain('Paid     0.000001 to the payer, 0.000002 to the payee, 0.000003 to the arbiter')
  })
})
