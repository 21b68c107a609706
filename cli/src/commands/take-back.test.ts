import { GiftError, type Gift, type GiftState } from '@teahouse/client'
import { expect, it } from 'vitest'
import { takeBackAll } from './take-back.ts'

const giftOf = (expiry: number, state: GiftState) => ({ state, gift: { expiry } as Gift })

it('all unclaimed gifts are taken back, coins that were left behind too, whichever of them fails', async () => {
  const outcomes: Record<number, Error> = {
    1: new RangeError('no chain'),
    2: new GiftError('The gift was taken back', { code: 'TAKEN_BACK' }),
    3: new GiftError('Somebody has claimed this gift', { code: 'ALREADY_CLAIMED' }),
  }
  const asked: number[] = []
  const gifts = {
    async takeBack({ expiry }: Gift) {
      asked.push(expiry)
      if (outcomes[expiry]) throw outcomes[expiry]
    },
  }
  const states = ['open', 'gone', 'open', 'claimed', 'taken', 'gone', 'expired'] as const
  const found = states.map((state, at) => giftOf(at + 1, state))
  expect(await takeBackAll(gifts, found)).toEqual([{ gift: found[0]!.gift, reason: outcomes[1] }])
  expect(asked).toEqual([1, 2, 3, 6, 7])
})
