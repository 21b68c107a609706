// On the network of `npm start`: a teapot in two milestones, bought on a market that takes one percent.
import { formatAmount, type Confirm } from '@teahouse/client'
import { localNetwork, localPeople } from '@teahouse/client/node'
import { approve, makeOffer, order } from './app.ts'

const say = (text: string) => void process.stdout.write(`${text}\n`)
/** A person would be asked here. */
const confirm: Confirm = (sentence) => (say(`\n${sentence}\n`), true)

const names = ['buyer', 'seller', 'arbiter', 'market'] as const
const { people, now, tokens, stop } = await localPeople(await localNetwork(), names)
const { buyer, seller, arbiter, market } = people

try {
  const milestones = [
    { title: 'a drawing', amount: 4_000_000n },
    { title: 'the teapot', amount: 16_000_000n },
  ]
  const offer = await makeOffer(buyer, {
    ...{ seller: seller.account.address, arbiter: arbiter.account.address, milestones },
    ...{
      market: { recipient: market.account.address, bps: 100 },
      now: await now(),
      within: 3_600,
      window: 600,
    },
  })
  await order(buyer, offer, confirm)
  for (const done of [1, 2]) {
    const evidence = await approve(buyer, offer, done, confirm)
    await seller.deals.evaluate(offer.deal, evidence)
    say(
      `Milestone ${done} is paid: the seller has ${formatAmount(await tokens(seller.account.address))} tokens`,
    )
  }
  const { closed } = await buyer.deals.status(offer.deal)
  if (closed?.outcome !== 'evaluated') throw new Error('The deal is not closed')
  say(`The market has ${formatAmount(await tokens(market.account.address))} tokens`)
} finally {
  await stop()
}
