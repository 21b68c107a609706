import { tea } from './tokens.ts'

/** What the local network is. Times and prices of the chain's side: ignition/modules/teahouse.ts. */
export const CLUSTER_ID = 1984
export const SHARDS = 8
export const OPERATORS = 3
/** What the nodes ask for a page of stored messages. */
export const STORE_QUERY_PRICE = tea('0.001')
/** Where Alice's letter goes. */
export const LETTER_TOPIC = '/teahouse-letters/1/alice-bob/bytes'
