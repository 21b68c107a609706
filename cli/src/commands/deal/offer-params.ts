import { newRide, type RideStep } from '@teahouse/client'
import type { Address, Hex } from 'viem'
import { usage } from '../../errors.ts'
import { say } from '../../texts/say.ts'

/** What the command line says about a deal. Amounts as they were typed: the template reads them in the token's own decimals. */
export interface DealFlags {
  readonly amount?: string
  readonly for?: string
  readonly deliverIn?: number
  readonly collateral?: string
  readonly milestone?: readonly { readonly title: string; readonly amount: string }[]
  readonly inspector?: Address
  readonly cancel?: readonly { readonly after: number; readonly bps: number }[]
  readonly codeHash?: Hex
  readonly from?: string
  readonly to?: string
  readonly payout?: string
  readonly oracle?: Address
  readonly threshold?: string
  readonly silent?: number
  readonly disputeWindow?: number
  readonly rulingWindow?: number
  readonly arbiterFee?: string
  readonly bond?: string
}

/** What a template reads (`Template.parse`), and the code of a ride, for its payer alone. */
export interface DealParams {
  readonly params: Record<string, unknown>
  readonly code?: Hex
}

const HOUR = 3_600

/** The names of the templates that the command line can fill in. */
export const TEMPLATE_NAMES = ['plain', 'cab-ride', 'marketplace', 'insurance', 'deposit'] as const
export type TemplateName = (typeof TEMPLATE_NAMES)[number]

/** Parameters of a template, as JSON has them. `now`: the chain's time. Throws CliError USAGE for what is missing. */
export function paramsOf(
  template: TemplateName,
  flags: DealFlags,
  now: number,
  isPayer: boolean,
): DealParams {
  const until = now + (flags.deliverIn ?? HOUR)
  const { silent } = flags
  switch (template) {
    case 'plain':
      return plainly({
        ...{ amount: needed(flags, 'amount'), what: needed(flags, 'for'), deliverBy: until },
        ...{ collateral: flags.collateral, toPayeeIfArbiterSilent: silent },
        ...reaction(flags),
      })
    case 'cab-ride': {
      const { ride, code } = rideOf(flags, now, isPayer)
      const params = {
        ...{ fare: needed(flags, 'amount'), ...ride, route: routeOf(flags) },
        ...{ arriveBy: until, toDriverIfSilent: silent },
      }
      return { ...plainly({ ...params, ...reaction(flags) }), ...(code && { code }) }
    }
    case 'deposit': {
      const { ride, code } = rideOf(flags, now, isPayer)
      const params = { deposit: needed(flags, 'amount'), ...ride, until }
      return { ...plainly({ ...params, ...reaction(flags) }), ...(code && { code }) }
    }
    case 'marketplace':
      return plainly({
        ...{ milestones: needed(flags, 'milestone'), inspector: flags.inspector, deliverBy: until },
        ...{ toPayeeIfSilent: silent, ...reaction(flags) },
      })
    case 'insurance':
      return plainly({
        ...{
          premium: needed(flags, 'amount'),
          payout: needed(flags, 'payout'),
          oracle: needed(flags, 'oracle'),
        },
        ...{ subject: needed(flags, 'for'), threshold: needed(flags, 'threshold'), from: now, until },
        ...reaction(flags),
      })
  }
}

const reaction = ({ disputeWindow, rulingWindow, arbiterFee, bond }: DealFlags) => ({
  ...{ disputeWindow, rulingWindow, arbiterFee, bond },
})

/** Without what was not given, so that the template's defaults count. */
const plainly = (params: Record<string, unknown>): DealParams => ({
  params: Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined)),
})

function needed<K extends keyof DealFlags>(flags: DealFlags, name: K): NonNullable<DealFlags[K]> {
  const value = flags[name]
  if (value !== undefined) return value
  throw usage(say`This kind of deal needs --${name}`, say`See: teahouse deal offer --help`)
}

/** From where to where, if that is said: then both are. */
function routeOf(flags: DealFlags): { from: string; to: string } | undefined {
  if (flags.from === undefined && flags.to === undefined) return undefined
  return { from: needed(flags, 'from'), to: needed(flags, 'to') }
}

/** A ride with a code of its own; who is to be paid by the code can't know it, and has to be given its hash. */
function rideOf(
  { cancel = [], codeHash }: DealFlags,
  now: number,
  isPayer: boolean,
): { readonly ride: { codeHash: Hex; steps: readonly RideStep[] }; readonly code?: Hex } {
  const steps = cancel.map(({ after, bps }) => ({ from: now + after, bps })).sort((a, b) => a.from - b.from)
  if (codeHash) return { ride: { codeHash, steps } }
  if (isPayer) return newRide(steps)
  throw usage(
    say`The code is the payer’s: give its hash with --code-hash`,
    say`Or let the payer make the offer`,
  )
}
