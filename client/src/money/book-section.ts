import type { SealedPart } from '../account/backup/sealed-section.ts'
import { parse, serialize } from '../chat/record.ts'
import { ADDRESSES, COUNT } from './addresses.ts'
import { bidsOf, PAYMENTS, RECEIPTS, RESTORED, type Payment } from './book.ts'

/** Payments, addresses that contacts were told, and which message was the receipt of which transaction. */
export const moneyPart: SealedPart = {
  ...{
    name: 'money',
    version: 1,
    folders: [PAYMENTS, ADDRESSES, RECEIPTS],
    names: [COUNT, RESTORED],
    madeAt: RESTORED,
  },
  scopeOf: (scopes) => `money/${scopes.money}`,
  check(name, text) {
    if (name === COUNT || name === RESTORED || name.startsWith(ADDRESSES)) return void whole(text)
    if (name.startsWith(RECEIPTS)) return
    const { id, state, signed } = parse<Payment>(text)
    const isPayment = name === PAYMENTS + id && ORDER.includes(state) && /^0x[0-9a-f]{64}$/.test(signed.hash)
    if (!isPayment) throw new RangeError('A payment can not be read')
  },
  merge(name, mine, theirs) {
    if (name === COUNT || name === RESTORED) return String(Math.max(whole(mine), whole(theirs)))
    if (!name.startsWith(PAYMENTS)) return mine
    return serialize(further(parse<Payment>(mine), parse<Payment>(theirs)))
  },
}

const ORDER: readonly Payment['state'][] = ['sending', 'dropped', 'failed', 'paid']

/** Of two records of one payment the one that knows its end; another payment under this id never takes its place. */
function further(mine: Payment, theirs: Payment): Payment {
  if (mine.signed.nonce !== theirs.signed.nonce) return mine
  const [here, there] = [mine, theirs].map(({ state }) => ORDER.indexOf(state)) as [number, number]
  const isFurther = there > here || (there === here && bidsOf(theirs).length > bidsOf(mine).length)
  if (!isFurther) return mine
  return { ...theirs, reported: mine.reported || theirs.reported }
}

function whole(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new RangeError(`${text} is not a number`)
}
