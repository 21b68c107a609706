import type { WakuMessage } from '@teahouse/protocol/wire'
import type { Verdict } from '../rln/verdict.ts'

/** Judges a message that came by gossip or light push; `source` is the peer that sent it, as text. */
export type Validate = (pubsubTopic: string, message: WakuMessage, source?: string) => Promise<Verdict>

/** The services that have a price. */
export type PaidService =
  | 'store-query'
  | 'store-kilobyte'
  | 'lightpush'
  | 'proof'
  | 'member'
  | 'blob-day'
  | 'blob-get'
  | 'chain-answer'
  | 'relay-transaction'

export type ChargeResult = { readonly ok: true } | { readonly ok: false; readonly description: string }

/**
 * Takes `units` of a service, and with `also` of others, off a peer's credit or quota: all of them or none. Not ok answers
 * 429 with the description.
 */
export type Charge = (
  peerId: string,
  service: PaidService,
  units: number,
  also?: Readonly<Partial<Record<PaidService, number>>>,
) => Promise<ChargeResult>

/** A service of the node: nothing runs before `start()`. */
export interface Service {
  start(): Promise<void> | void
  stop(): Promise<void> | void
}
