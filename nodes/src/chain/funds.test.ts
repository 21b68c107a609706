import { describe, expect, it } from 'vitest'
import { TeahouseError } from '@teahouse/protocol/errors'
import { fundsReader, type FundsDeps } from './funds.ts'

const NODE = `0x${'11'.repeat(20)}` as const

/** A chain that counts how often it is asked, and may be away. */
function chainOf(coinWei: bigint) {
  const chain = { asked: 0, coinWei, isAway: false }
  const client = {
    async getBalance() {
      chain.asked++
      if (chain.isAway) throw new TeahouseError('away', { code: 'AWAY' })
      return chain.coinWei
    },
    readContract: async () => ({ staked: 5n }),
  } as unknown as FundsDeps['client']
  return { chain, client }
}

function reader(operatorId: number) {
  let time = 0
  const { chain, client } = chainOf(7n)
  const funds = fundsReader({ client, staking: NODE, node: NODE, operatorId, now: () => time })
  return { chain, funds, pass: (ms: number) => void (time += ms) }
}

describe('coin and stake', () => {
  it('are read when somebody asks, and again for who asks minutes later', async () => {
    const { chain, funds, pass } = reader(1)
    expect(chain.asked).toBe(0)
    expect(funds.read()).toBeUndefined()
    await funds.idle()
    pass(1_000)
    expect(funds.read()).toEqual({ coinWei: 7n, staked: 5n, ageMs: 1_000 })
    expect(chain.asked).toBe(1)
    chain.coinWei = 6n
    pass(300_000)
    funds.read()
    await funds.idle()
    expect(funds.read()).toMatchObject({ coinWei: 6n, ageMs: 0 })
    expect(chain.asked).toBe(2)
  })

  it('has no stake for a node that works for no operator', async () => {
    const { funds } = reader(0)
    funds.read()
    await funds.idle()
    expect(funds.read()?.staked).toBeUndefined()
  })

  it('stay what they were while the chain is away, with their age, and are not asked for at every reading', async () => {
    const { chain, funds, pass } = reader(1)
    funds.read()
    await funds.idle()
    chain.isAway = true
    pass(400_000)
    for (let reading = 0; reading < 5; reading++) {
      expect(funds.read()).toMatchObject({ coinWei: 7n, ageMs: 400_000 })
      await funds.idle()
    }
    expect(chain.asked).toBe(2)
  })
})
