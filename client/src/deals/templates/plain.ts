import { decodeAbiParameters, encodeAbiParameters, type Hex } from 'viem'
import { z } from 'zod'
import type { Unit } from '../agreed.ts'
import { DealError } from '../terms.ts'
import { amountIn, bps, isPlain, reactionIn, reactionOf, salt, text, time, type Reaction } from './fields.ts'
import { hashOf, template } from './template.ts'

export interface PlainParams extends Reaction {
  readonly amount: bigint
  /** What the payee locks. */
  readonly collateral: bigint
  /** What is to be delivered, in the parties' words. */
  readonly what: string
  readonly deliverBy: number
  /** The payee's share if the arbiter is silent, in basis points. */
  readonly toPayeeIfArbiterSilent: number
  readonly salt: Hex
}

const DATA = [{ type: 'string' }, { type: 'bytes32' }] as const

const schema = (unit: Unit) =>
  z.strictObject({
    amount: amountIn(unit),
    collateral: amountIn(unit).default(0n),
    what: text,
    deliverBy: time,
    toPayeeIfArbiterSilent: bps.default(5_000),
    salt,
    ...reactionIn(unit),
  })

/** A deal that needs no contract of its own: an amount for something, and an arbiter for disputes. */
export const plain = template<PlainParams>({
  name: 'plain',
  about: ({ what }) => ({ en: `“${what}”`, 'zh-Hans': `“${what}”` }),
  schema,
  shape({ amount, collateral, what, deliverBy, toPayeeIfArbiterSilent, salt: by, ...reaction }) {
    const why = 'are about something that can not be shown'
    if (!isPlain(what)) throw new DealError(`The terms ${why}`, { code: 'BAD_TERMS', field: 'details', why })
    const data = encodeAbiParameters(DATA, [what, by])
    return {
      ...{ amount, collateral, deliverBy, defaultToPayee: toPayeeIfArbiterSilent, reaction },
      ...{ details: hashOf(data), data },
    }
  },
  params({ terms, data }) {
    const [what, by] = decodeAbiParameters(DATA, data)
    return {
      ...{ amount: terms.amount, collateral: terms.collateral, what, deliverBy: terms.deliverBy },
      ...{ toPayeeIfArbiterSilent: terms.defaultToPayee, salt: by, ...reactionOf(terms) },
    }
  },
  cases: () => [],
})
