import { concat, decodeAbiParameters, encodeAbiParameters, keccak256, slice, type Hex } from 'viem'
import type { RideStep } from '../cab-ride.ts'
import { DealError } from '../terms.ts'
import { isPlain, MAX_TEXT } from './fields.ts'

/** From where to where, in the parties' words. */
export interface Route {
  readonly from: string
  readonly to: string
  /** 32 bytes: without it the hash of a route could be guessed from the chain. */
  readonly salt: Hex
}

const ROUTE = [{ type: 'string' }, { type: 'string' }, { type: 'bytes32' }] as const
/** Steps of a cancellation from this second on (the year 19391) never begin: they hold the hash of the route, which the evaluator has no field for. */
export const NEVER = 2 ** 39
/** Bytes of the hash in each of them. */
const PART = 4
const PARTS = 32 / PART

/**
 * A route as steps that never begin: the place of each, and four bytes of the hash. They are part of the ride, whose hash the terms have.
 * Throws DealError BAD_TERMS for words that can't be shown.
 */
export function routeSteps({ from, to, salt }: Route): RideStep[] {
  for (const place of [from, to])
    if (place === '' || place.length > MAX_TEXT || !isPlain(place))
      throw badRoute('names a place that can not be shown')
  const hash = keccak256(encodeAbiParameters(ROUTE, [from, to, salt]))
  return Array.from({ length: PARTS }, (_, at) => {
    const part = slice(hash, at * PART, (at + 1) * PART)
    return { from: NEVER + at * 2 ** (8 * PART) + Number(part), bps: 0 }
  })
}

export function badRoute(why: string): DealError {
  return new DealError(`The route of the ride ${why}`, { code: 'BAD_TERMS', field: 'details', why })
}

/** The words of a route, to go with the data of a ride. */
export const writeRoute = (ride: Hex, { from, to, salt }: Route): Hex =>
  concat([ride, encodeAbiParameters(ROUTE, [from, to, salt])])

/** The words behind the `rideBytes` of a ride; undefined if there are none. Throws what viem throws for what is no route. */
export function readRoute(data: Hex, rideBytes: number): Route | undefined {
  if (data.length <= 2 + 2 * rideBytes) return undefined
  const [from, to, salt] = decodeAbiParameters(ROUTE, slice(data, rideBytes))
  return { from, to, salt }
}
