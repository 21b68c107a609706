import { describe, expect, it } from 'vitest'
import { GAS } from '@teahouse/protocol/chain'
import { gasDays, membershipDays, stakeDays } from './days-left.ts'

const DAY = 86_400
const NOW = 100 * DAY
const collect = BigInt(GAS.PaymentChannels.collect)

describe('days that are left', () => {
  it('of gas: at the rate of what was sent so far', () => {
    const use = { coins: 50n * collect * 7n, gasPrice: 7n, now: NOW }
    expect(gasDays({ ...use, transactions: 20, since: NOW - 4 * DAY })).toMatchObject({ days: 10 })
    expect(gasDays({ ...use, transactions: 0, since: NOW - 4 * DAY })).toMatchObject({ days: null })
    expect(gasDays({ ...use, coins: 0n, transactions: 20, since: NOW - 4 * DAY })).toMatchObject({ days: 0 })
  })

  it('of stake: until what serving needs is gone', () => {
    const use = { minimum: 100n, thawing: 0n, thawedAt: 0, now: NOW }
    expect(stakeDays({ ...use, staked: 100n })).toMatchObject({ days: null })
    expect(stakeDays({ ...use, staked: 99n })).toMatchObject({ days: 0 })
    const thaw = { thawing: 50n, thawedAt: NOW + 3 * DAY }
    expect(stakeDays({ ...use, ...thaw, staked: 99n })).toMatchObject({ days: 3 })
  })

  it('of a membership: none when its term is over', () => {
    expect(membershipDays(NOW + DAY / 2, NOW)).toMatchObject({ days: 0.5 })
    expect(membershipDays(NOW - 1, NOW)).toMatchObject({ days: 0 })
    expect(membershipDays(undefined, NOW)).toMatchObject({ days: null })
  })
})
