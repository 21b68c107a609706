import type { Hex } from 'viem'
import { z } from 'zod'
import type { Agreed, DealPlace, Unit, Verdict } from '../agreed.ts'
import { arrivalEvidence, cancellationEvidence, type RideStep } from '../cab-ride.ts'
import {
  amountIn,
  bps,
  reactionIn,
  reactionOf,
  salt,
  seconds,
  text,
  time,
  word,
  type Reaction,
} from './fields.ts'
import { cancellationOf, codeCases, readRide, readRouted, writeRide, writeRouted } from './coded.ts'
import { badRoute, NEVER, type Route } from './route.ts'
import { template } from './template.ts'

export interface CabRideParams extends Reaction {
  readonly fare: bigint
  /** keccak256 of the code that the passenger tells on arrival: `newRide().ride.codeHash`. */
  readonly codeHash: Hex
  /** What a cancellation costs from which second on, in the order of time; nothing of the fare before the first. */
  readonly steps: readonly RideStep[]
  /** From where to where; bound by the terms. */
  readonly route?: Route | undefined
  /** Unix seconds until which the ride is to be over. */
  readonly arriveBy: number
  /** The driver's share if there is neither code nor cancellation nor ruling, in basis points below 10000. */
  readonly toDriverIfSilent: number
}

const ALL = 10_000

const schema = (unit: Unit) =>
  z.strictObject({
    fare: amountIn(unit),
    codeHash: word,
    steps: z
      .array(z.strictObject({ from: seconds, bps }))
      .max(20)
      .default([]),
    route: z.strictObject({ from: text, to: text, salt }).optional(),
    arriveBy: time,
    toDriverIfSilent: bps.max(ALL - 1).default(0),
    ...reactionIn(unit),
  })

/** A ride: the passenger (payer) tells a code on arrival, or cancels in steps. Judged by the evaluator `CabRide`. */
export const cabRide = {
  ...template<CabRideParams>({
    name: 'cab-ride',
    about: ({ route }) =>
      route
        ? {
            en: `a ride from “${route.from}” to “${route.to}”`,
            'zh-Hans': `一次从“${route.from}”到“${route.to}”的乘车`,
          }
        : { en: 'a ride', 'zh-Hans': '一次乘车' },
    evaluator: 'CabRide',
    schema,
    shape({ fare, codeHash, steps, route, arriveBy, toDriverIfSilent, ...reaction }) {
      const { disputeWindow, rulingWindow } = reaction
      const lastSecond = Math.max(arriveBy + 2 * disputeWindow + rulingWindow, steps.at(-1)?.from ?? 0)
      if (route && lastSecond >= NEVER) throw badRoute('is for a time that never comes')
      return {
        amount: fare,
        deliverBy: arriveBy,
        // A share of all is what tells a deposit from a ride.
        defaultToPayee: Math.min(toDriverIfSilent, ALL - 1),
        reaction,
        ...(route ? writeRouted({ codeHash, steps }, route) : writeRide({ codeHash, steps })),
      }
    },
    params: ({ terms, data }) => ({
      ...readRouted(data),
      ...{ fare: terms.amount, arriveBy: terms.deliverBy, toDriverIfSilent: terms.defaultToPayee },
      ...reactionOf(terms),
    }),
    cases: (params, terms) => codeCases(params, terms),
  }),
  /** For `deals.evaluate`: the whole fare to the driver. Throws DealError BAD_EVIDENCE for another code. */
  arrived: ({ data }: Agreed, code: Hex): Hex => arrivalEvidence(readRide(data), code),
  /** What the passenger signs to cancel, by `signVerdict`: good for this deal only, and for good. */
  cancellation: (agreed: Agreed, place: DealPlace): Verdict => cancellationOf(agreed, place),
  /** For `deals.evaluate`: to the driver what the last step begun says, the rest to the passenger, whose signature this is. */
  cancelled: ({ data }: Agreed, signature: Hex): Hex => cancellationEvidence(readRide(data), signature),
}
