import { Refusal, type Charge, type ChargeResult } from '../net/index.ts'
import type { Page, PageRequest } from './criteria.ts'

/** What a `store-kilobyte` is: so many bytes of stored messages. */
const KILOBYTE = 1_000
const TOO_MANY_REQUESTS = 429

export interface PageCharges {
  readonly charge: Charge
  /** How many units of a service the peer can have now; of kilobytes as many as it likes without it. */
  readonly affordable?: (peerId: string, service: 'store-kilobyte') => number
  /** Bytes of the messages in an answer at most, unless one alone has more; 0 if only the protocol limits them. */
  readonly maxAnswerBytes?: number
}

export interface WantedPage {
  readonly page: PageRequest
  /** An answer of hashes alone is one kilobyte. */
  readonly includeData: boolean
}

export type ChargedPages = (
  peerId: string,
  wanted: WantedPage,
  find: (within: PageRequest) => Promise<Page>,
) => Promise<Page>

/**
 * Charges a page: the query and its first kilobyte before it is looked for, the rest of its kilobytes before it is shown. It
 * has no more of them than the peer can pay, unless its first message alone has. Throws Refusal 429.
 */
export function chargedPages({
  charge,
  affordable = () => Infinity,
  maxAnswerBytes = 0,
}: PageCharges): ChargedPages {
  return async (peerId, { page, includeData }, find) => {
    requirePaid(await charge(peerId, 'store-query', 1, { 'store-kilobyte': 1 }))
    if (!includeData) return await find(page)
    const paidBytes = (1 + affordable(peerId, 'store-kilobyte')) * KILOBYTE
    const maxBytes = Math.min(page.maxBytes, maxAnswerBytes || Infinity, paidBytes)
    const found = await find({ ...page, maxBytes })
    const bytes = found.messages.reduce((sum, message) => sum + message.bytes.length, 0)
    const more = Math.ceil(bytes / KILOBYTE) - 1
    if (more > 0) requirePaid(await charge(peerId, 'store-kilobyte', more))
    return found
  }
}

function requirePaid(paid: ChargeResult): void {
  if (!paid.ok) throw new Refusal(TOO_MANY_REQUESTS, `TOO_MANY_REQUESTS: ${paid.description}`)
}
