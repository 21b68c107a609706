// On the network of `npm start`: a guest who comes, and gets its deposit back from the host but for the bill.
import { formatAmount, type Confirm } from '@teahouse/client'
import { localNetwork, localPeople } from '@teahouse/client/node'
import { book, makeOffer } from './app.ts'

const say = (text: string) => void process.stdout.write(`${text}\n`)
/** A person would be asked here. */
const confirm: Confirm = (sentence) => (say(`\n${sentence}\n`), true)

const { people, now, stop } = await localPeople(await localNetwork(), ['guest', 'host', 'arbiter'])
const { guest, host, arbiter } = people

try {
  const { offer } = await makeOffer(guest, {
    ...{ host: host.account.address, arbiter: arbiter.account.address, amount: 10_000_000n },
    ...{ now: await now(), within: 600, window: 60 },
  })
  await book(guest, offer, confirm)
  const bill = 3_000_000n
  const consent = await host.deals.signSettlement(offer.deal, bill)
  await guest.deals.settle(offer.deal, bill, consent)
  const { closed } = await host.deals.status(offer.deal)
  if (closed?.outcome !== 'settled') throw new Error('The deal is not closed')
  say(`${formatAmount(closed.toPayee)} to the host, ${formatAmount(closed.toPayer)} back to the guest`)
} finally {
  await stop()
}
