import { decodeAbiParameters, encodeAbiParameters, size, type Hex } from 'viem'
import type { Agreed, Case, DealPlace, Verdict } from '../agreed.ts'
import { cancellationTypedData, RIDE, rideDetails, type CabRide } from '../cab-ride.ts'
import { dealId, type DealTerms } from '../terms.ts'
import { share } from '../payout.ts'
import { NEVER, readRoute, routeSteps, writeRoute, type Route } from './route.ts'

/** Details and data of what the evaluator `CabRide` goes by. Throws DealError BAD_TERMS. */
export function writeRide(ride: CabRide): { readonly details: Hex; readonly data: Hex } {
  const details = rideDetails(ride)
  return { details, data: encodeAbiParameters([RIDE], [ride]) }
}

/** The same of a ride from somewhere to somewhere: its route is bound by the same hash. Throws DealError BAD_TERMS. */
export function writeRouted(ride: CabRide, route: Route): { readonly details: Hex; readonly data: Hex } {
  const { details, data } = writeRide({ ...ride, steps: [...ride.steps, ...routeSteps(route)] })
  return { details, data: writeRoute(data, route) }
}

/** What `writeRide` or `writeRouted` made of: the steps of its cancellation, and its route if it has one. Throws what viem throws. */
export function readRouted(data: Hex): CabRide & { readonly route?: Route | undefined } {
  const ride = readRide(data)
  const route = readRoute(data, size(encodeAbiParameters([RIDE], [ride])))
  return route ? { ...ride, steps: ride.steps.filter(({ from }) => from < NEVER), route } : ride
}

/** Throws what viem throws if the data is no ride; whether it is one in canonical form is the template's to check. */
export function readRide(data: Hex): CabRide {
  const [{ codeHash, steps }] = decodeAbiParameters([RIDE], data)
  return { codeHash, steps: steps.map(({ from, bps }) => ({ from, bps })) }
}

/** What a code and cancellations decide. Of steps that begin in one second the last one counts. */
export function codeCases({ steps }: Pick<CabRide, 'steps'>, { amount, collateral }: DealTerms): Case[] {
  const begun = [{ from: undefined, bps: 0 }, ...steps]
  const cancellations = begun.flatMap(({ from, bps }, at): Case[] => {
    const before = begun[at + 1]?.from
    if (before !== undefined && before <= (from ?? 0)) return []
    return [
      {
        key: at === 0 ? 'cancel' : `cancel ${at}`,
        ...{ from, before, final: true },
        total: collateral + share(amount, bps),
        when: {
          en: 'a cancellation signed by the payer is shown',
          'zh-Hans': '有人出示付款方签名的取消声明',
        },
      },
    ]
  })
  const code: Case = {
    ...{ key: 'code', total: amount + collateral, final: true },
    when: {
      en: "the payer's code is shown",
      'zh-Hans': '有人出示付款方的代码',
    },
  }
  return [code, ...cancellations]
}

/** What the payer signs to cancel. */
export function cancellationOf({ terms, data }: Agreed, { chainId, escrow }: DealPlace): Verdict {
  const [, ...cancellations] = codeCases(readRouted(data), terms)
  const typed = cancellationTypedData(terms.evaluator, chainId, dealId(terms, chainId, escrow))
  return { typed: { ...typed }, cases: cancellations.map(({ key }) => key) }
}
