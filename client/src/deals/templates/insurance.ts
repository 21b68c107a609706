import { decodeAbiParameters, encodeAbiParameters, type Address, type Hex } from 'viem'
import { z } from 'zod'
import type { Agreed, DealPlace, Unit } from '../agreed.ts'
import {
  policyDetails,
  POLICY,
  readingEvidence,
  readingTypedData,
  subjectOf,
  type Reading,
} from '../insurance.ts'
import { DealError } from '../terms.ts'
import {
  address,
  amountIn,
  integer,
  isPlain,
  reactionIn,
  reactionOf,
  salt,
  text,
  time,
  type Reaction,
} from './fields.ts'
import { template } from './template.ts'
import { stamp } from '../words/units.ts'

export interface InsuranceParams extends Reaction {
  /** What the insured pays. */
  readonly premium: bigint
  /** What the insured gets if it happens; the insurer locks all of it. */
  readonly payout: bigint
  readonly oracle: Address
  /** What is measured and in which units, in the oracle's words. */
  readonly subject: string
  /** A reading of this or more pays. In the oracle's units. */
  readonly threshold: bigint
  /** Unix seconds; readings from then on, until `until`, count. */
  readonly from: number
  readonly until: number
  readonly salt: Hex
}

const ALL = 10_000
const DATA = [POLICY, { type: 'string' }] as const
const MAX_INT = 2n ** 255n

const schema = (unit: Unit) =>
  z.strictObject({
    premium: amountIn(unit),
    payout: amountIn(unit),
    oracle: address,
    subject: text,
    threshold: integer.refine((value) => value >= -MAX_INT && value < MAX_INT, 'is out of range'),
    from: time,
    until: time,
    salt,
    ...reactionIn(unit),
  })

/**
 * Insurance against a measured value: the payer is insured, the payee insures and locks the payout in full before anything is covered.
 * Judged by the evaluator `ParametricInsurance`; if nothing happens, the insurer gets everything.
 */
export const insurance = {
  ...template<InsuranceParams>({
    name: 'insurance',
    about: ({ subject }) => ({ en: `insurance on “${subject}”`, 'zh-Hans': `关于“${subject}”的保险` }),
    evaluator: 'ParametricInsurance',
    schema,
    shape({ premium, payout, oracle, subject, threshold, from, until, salt: by, ...reaction }) {
      if (payout <= 0n) throw bad('pays nothing')
      if (from > until) throw bad('ends before it begins')
      if (!isPlain(subject)) throw bad('has a subject that can not be shown')
      const policy = { oracle, subject: subjectOf(subject), threshold, from, payout, salt: by }
      return {
        ...{ amount: premium, collateral: payout, deliverBy: until, defaultToPayee: ALL, reaction },
        details: policyDetails(policy),
        data: encodeAbiParameters(DATA, [policy, subject]),
      }
    },
    params({ terms, data }) {
      const [policy, subject] = decodeAbiParameters(DATA, data)
      const { oracle, threshold, from, payout, salt: by } = policy
      return {
        ...{ premium: terms.amount, payout, oracle, subject, threshold, from },
        ...{ until: terms.deliverBy, salt: by, ...reactionOf(terms) },
      }
    },
    cases: ({ oracle, subject, threshold, from, payout, until }, { amount, collateral }) => [
      {
        ...{ key: 'reading', total: amount + collateral - payout, final: true },
        when: {
          en: `the oracle ${oracle} signs a reading of “${subject}” of ${threshold} or more, taken from ${stamp(from)} to ${stamp(until)}`,
          'zh-Hans': `预言机 ${oracle} 签名证明在 ${stamp(from)} 至 ${stamp(until)} 之间“${subject}”的读数达到或超过 ${threshold}`,
        },
      },
    ],
  }),
  /** What the oracle signs for a reading. */
  reading: ({ terms, data }: Agreed, { chainId }: DealPlace, reading: Reading) =>
    readingTypedData(terms.evaluator, chainId, decodeAbiParameters(DATA, data)[0].subject, reading),
  /** For `deals.evaluate`: pays the insured out. `signature` is the oracle's. */
  happened: ({ data }: Agreed, reading: Reading, signature: Hex): Hex =>
    readingEvidence(decodeAbiParameters(DATA, data)[0], reading, signature),
}

function bad(why: string): DealError {
  return new DealError(`The policy ${why}`, { code: 'BAD_TERMS', field: 'details', why })
}
