import { tea } from './tokens.ts'

/** What the local network is. Times and prices of the chain's side: ignition/modules/teahouse.ts. */
export const CLUSTER_ID = 1984
export const SHARDS = 8
export const OPERATORS = 3
/** What the nodes ask for a page of stored messages. */
export const STORE_QUERY_PRICE = tea('0.001')
/** What each of the nodes asks for a part of a file and a day; the last one is cheap, for a reason. */
export const BLOB_DAY_PRICES = [tea('0.001'), tea('0.0012'), tea('0.0004')]
/** What a receipt for a stored file puts at stake, of what each operator stakes for such promises. */
export const RECEIPT_LIABILITY = tea('1')
/** Where Alice's letter goes. */
export const LETTER_TOPIC = '/teahouse-letters/1/alice-bob/bytes'
