/** Begins what a node says of a request that is to be paid, and nothing else that it refuses; docs/wire/pay.md. */
const UNPAID = 'Free quota used up'

/** Why a request is refused that costs `cost`, in the token's smallest unit, by the offer of this id. */
export function unpaidText(services: readonly string[], cost: bigint, offer: string): string {
  return `${UNPAID}: ${services.join(' and ')} costs ${cost}, see offer ${offer}`
}

/** Whether a node that answered 429 says that payment is what is missing. Any other 429 is to be waited for, or another node to be asked. */
export const asksForPayment = (description: string): boolean => description.includes(UNPAID)
