import type { Hex } from 'viem'
import { z } from 'zod'
import type { Agreed, DealPlace, Unit, Verdict } from '../agreed.ts'
import { arrivalEvidence, cancellationEvidence, type RideStep } from '../cab-ride.ts'
import { cancellationOf, codeCases, readRide, writeRide } from './coded.ts'
import { amountIn, bps, reactionIn, reactionOf, seconds, time, word, type Reaction } from './fields.ts'
import { template } from './template.ts'

export interface DepositParams extends Reaction {
  readonly deposit: bigint
  /** keccak256 of the code that the guest tells when it comes: `newRide().ride.codeHash`. */
  readonly codeHash: Hex
  /** What a cancellation costs from which second on, in the order of time; nothing before the first. */
  readonly steps: readonly RideStep[]
  /** Unix seconds until which the guest is expected; who neither comes nor cancels loses the deposit. */
  readonly until: number
}

const ALL = 10_000

const schema = (unit: Unit) =>
  z.strictObject({
    deposit: amountIn(unit),
    codeHash: word,
    steps: z
      .array(z.strictObject({ from: seconds, bps }))
      .max(20)
      .default([]),
    until: time,
    ...reactionIn(unit),
  })

/**
 * A deposit on a table, a room or an appointment: the guest (payer) may cancel in steps; the host (payee) gets it when the guest comes, and when it
 * stays away. Judged by the evaluator `CabRide`, since it is the same question.
 */
export const deposit = {
  ...template<DepositParams>({
    name: 'deposit',
    about: () => ({ en: 'a booking', 'zh-Hans': '一次预订' }),
    evaluator: 'CabRide',
    schema,
    shape: ({ deposit: amount, codeHash, steps, until, ...reaction }) => ({
      ...{ amount, deliverBy: until, defaultToPayee: ALL, reaction },
      ...writeRide({ codeHash, steps }),
    }),
    params: ({ terms, data }) => ({
      ...readRide(data),
      ...{ deposit: terms.amount, until: terms.deliverBy },
      ...reactionOf(terms),
    }),
    cases: (params, terms) => codeCases(params, terms),
  }),
  /** For `deals.evaluate`: the deposit to the host. Throws DealError BAD_EVIDENCE for another code. */
  came: ({ data }: Agreed, code: Hex): Hex => arrivalEvidence(readRide(data), code),
  /** What the guest signs to cancel, by `signVerdict`: good for this deal only, and for good. */
  cancellation: (agreed: Agreed, place: DealPlace): Verdict => cancellationOf(agreed, place),
  /** For `deals.evaluate`: to the host what the last step begun says, the rest to the guest, whose signature this is. */
  cancelled: ({ data }: Agreed, signature: Hex): Hex => cancellationEvidence(readRide(data), signature),
}
