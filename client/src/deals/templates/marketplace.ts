import {
  decodeAbiParameters,
  encodeAbiParameters,
  isAddressEqual,
  keccak256,
  type Address,
  type Hex,
} from 'viem'
import { z } from 'zod'
import type { Agreed, Case, DealPlace, Unit, Verdict } from '../agreed.ts'
import { DealError, dealId } from '../terms.ts'
import {
  inspectionTypedData,
  inspectionEvidence,
  PLAN,
  planDetails,
  type MilestonePlan,
} from '../milestones.ts'
import {
  address,
  amountIn,
  bps,
  isPlain,
  reactionIn,
  reactionOf,
  salt,
  text,
  time,
  type Reaction,
} from './fields.ts'
import { template } from './template.ts'

/** A step of the work, and what the payee earns with it. */
export interface Milestone {
  readonly title: string
  readonly amount: bigint
}

export interface MarketplaceParams extends Reaction {
  readonly milestones: readonly Milestone[]
  /** Who says that a milestone is reached; the payer if left out. */
  readonly inspector?: Address | undefined
  readonly deliverBy: number
  /** The payee's share of what is left if nobody says anything, in basis points. */
  readonly toPayeeIfSilent: number
  readonly salt: Hex
}

const MAX_MILESTONES = 20
const DATA = [PLAN, { type: 'string[]' }, { type: 'bytes32' }] as const

const schema = (unit: Unit) =>
  z.strictObject({
    milestones: z
      .array(z.strictObject({ title: text, amount: amountIn(unit) }))
      .min(1)
      .max(MAX_MILESTONES),
    inspector: address.optional(),
    deliverBy: time,
    toPayeeIfSilent: bps.default(0),
    salt,
    ...reactionIn(unit),
  })

/** The plan's own salt binds the titles, which the evaluator has no field for. */
const planSalt = (titles: readonly string[], by: Hex): Hex =>
  keccak256(encodeAbiParameters([{ type: 'string[]' }, { type: 'bytes32' }], [titles, by]))

function totalsOf(milestones: readonly Milestone[]): bigint[] {
  let total = 0n
  return milestones.map(({ title, amount }) => {
    if (amount <= 0n) throw bad('pays nothing')
    if (!isPlain(title)) throw bad('has a title that can not be shown')
    total += amount
    return total
  })
}

function bad(why: string): DealError {
  return new DealError(`A milestone ${why}`, { code: 'BAD_TERMS', field: 'details', why })
}

const read = (data: Hex): { plan: MilestonePlan; titles: readonly string[]; by: Hex } => {
  const [plan, titles, by] = decodeAbiParameters(DATA, data)
  return { plan, titles, by }
}

/** Goods or work in milestones, each paid when the inspector has signed for it. Judged by the evaluator `Milestones`. */
export const marketplace = {
  ...template<MarketplaceParams>({
    name: 'marketplace',
    about: ({ milestones }) => {
      const titles = milestones.map(({ title }) => title)
      return {
        en: titles.map((one) => `“${one}”`).join(', '),
        'zh-Hans': titles.map((one) => `“${one}”`).join('、'),
      }
    },
    evaluator: 'Milestones',
    schema,
    shape({ milestones, inspector, deliverBy, toPayeeIfSilent, salt: by, ...reaction }, { payer }) {
      const totals = totalsOf(milestones)
      const titles = milestones.map(({ title }) => title)
      if (totals.length === 0 || totals.length > MAX_MILESTONES) throw bad('is missing, or one too many')
      const plan = { inspector: inspector ?? payer, totals, salt: planSalt(titles, by) }
      return {
        ...{ amount: totals.at(-1), deliverBy, defaultToPayee: toPayeeIfSilent, reaction },
        details: planDetails(plan),
        data: encodeAbiParameters(DATA, [plan, titles, by]),
      }
    },
    params({ terms, data }) {
      const { plan, titles, by } = read(data)
      const milestones = plan.totals.map((total, at) => ({
        ...{ title: titles[at] ?? '', amount: total - (plan.totals[at - 1] ?? 0n) },
      }))
      return {
        ...{ milestones, inspector: plan.inspector, deliverBy: terms.deliverBy, salt: by },
        ...{ toPayeeIfSilent: terms.defaultToPayee, ...reactionOf(terms) },
      }
    },
    cases: ({ milestones, inspector }, { payer }) => casesOf(milestones, inspector ?? payer, payer),
  }),
  /** What the inspector signs, by `signVerdict`, once the first `done` milestones are reached. */
  inspection: ({ terms }: Agreed, { chainId, escrow }: DealPlace, done: number): Verdict => ({
    typed: { ...inspectionTypedData(terms.evaluator, chainId, dealId(terms, chainId, escrow), done) },
    cases: [`milestone ${done}`],
  }),
  /** For `deals.evaluate`: pays what is due for the first `done` milestones; the last one also ends the deal. */
  inspected: ({ data }: Agreed, done: number, signature: Hex): Hex =>
    inspectionEvidence(read(data).plan, done, signature),
}

function casesOf(milestones: readonly Milestone[], inspector: Address, payer: Address): Case[] {
  const who = isAddressEqual(inspector, payer)
    ? { en: 'the payer', 'zh-Hans': '付款方' }
    : { en: inspector, 'zh-Hans': inspector }
  return totalsOf(milestones).map((total, at) => ({
    ...{ key: `milestone ${at + 1}`, total, final: at + 1 === milestones.length },
    when: {
      en: `${who.en} signs for milestone ${at + 1} “${milestones[at]!.title}”`,
      'zh-Hans': `${who['zh-Hans']}签名确认第 ${at + 1} 个里程碑“${milestones[at]!.title}”`,
    },
  }))
}
