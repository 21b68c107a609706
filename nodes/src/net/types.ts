import type { WakuMessage } from '@teahouse/protocol/wire'
import type { Verdict } from '../rln/verdict.ts'

/** Judges a message that came by gossip or light push; `source` is the peer that sent it, as text. */
export type Validate = (pubsubTopic: string, message: WakuMessage, source?: string) => Promise<Verdict>

/** The services that have a price. */
export type PaidService = 'store-query' | 'lightpush' | 'member' | 'chain-answer' | 'relay-transaction'

export type ChargeResult = { readonly ok: true } | { readonly ok: false; readonly description: string }

/** Takes `units` of a service off a peer's credit or quota; not ok answers 429 with the description. */
export type Charge = (peerId: string, service: PaidService, units: number) => Promise<ChargeResult>

/** A service of the node: nothing runs before `start()`. */
export interface Service {
  start(): Promise<void> | void
  stop(): Promise<void> | void
}
