// On the network of `npm start`: it rains, and the insured is paid without asking for it.
import { formatAmount, type Confirm } from '@teahouse/client'
import { localNetwork, localPeople } from '@teahouse/client/node'
import { buy, cover, makeOffer, report } from './app.ts'

const say = (text: string) => void process.stdout.write(`${text}\n`)
/** A person would be asked here. */
const confirm: Confirm = (sentence) => (say(`\n${sentence}\n`), true)

const { people, now, stop } = await localPeople(await localNetwork(), [
  'insured',
  'insurer',
  'oracle',
  'stranger',
])
const { insured, insurer, oracle, stranger } = people

try {
  const began = await now()
  const offer = await makeOffer(insurer, {
    ...{ insured: insured.account.address, oracle: oracle.account.address },
    ...{ premium: 2_000_000n, payout: 50_000_000n, subject: 'rain at Hangzhou, mm a day', threshold: 50n },
    ...{ now: began, within: 3_600, window: 600 },
  })
  await buy(insured, offer, confirm)
  await cover(insurer, offer)
  const evidence = await report(oracle, offer, 63n, await now())
  await stranger.deals.evaluate(offer.deal, evidence) // anybody who has seen the reading
  const { closed } = await insured.deals.status(offer.deal)
  if (closed?.outcome !== 'evaluated') throw new Error('The deal is not closed')
  say(
    `63 mm of rain: ${formatAmount(closed.toPayer)} to the insured, ${formatAmount(closed.toPayee)} to the insurer`,
  )
} finally {
  await stop()
}
