// On the network of `npm start`: a ride that arrives, and one that is cancelled.
import { formatAmount, type Client, type Confirm } from '@teahouse/client'
import { localNetwork, localPeople } from '@teahouse/client/node'
import { arrive, cancel, makeOffer, order } from './app.ts'

const say = (text: string) => void process.stdout.write(`${text}\n`)
/** A person would be asked here. */
const confirm: Confirm = (sentence) => (say(`\n${sentence}\n`), true)

const { people, now, passes, stop } = await localPeople(await localNetwork(), [
  'passenger',
  'driver',
  'arbiter',
])
const { passenger, driver, arbiter } = people

async function ended(client: Client, deal: `0x${string}`): Promise<void> {
  const { closed } = await client.deals.status(deal)
  if (!closed) throw new Error('The deal is not closed')
  say(
    `${closed.outcome}: ${formatAmount(closed.toPayee)} to the driver, ${formatAmount(closed.toPayer)} back`,
  )
}

try {
  const ride = {
    driver: driver.account.address,
    arbiter: arbiter.account.address,
    fare: 10_000_000n,
    window: 60,
  }

  const first = await makeOffer(passenger, { ...ride, within: 600, now: await now() })
  await order(passenger, first.offer, confirm)
  await arrive(driver, first.offer, first.code)
  await ended(driver, first.offer.deal)

  const ordered = await now()
  const second = await makeOffer(passenger, { ...ride, within: 30, now: ordered })
  await order(passenger, second.offer, confirm)
  await passes(ordered + 11) // the first step has begun
  await cancel(passenger, second.offer, confirm)
  await ended(passenger, second.offer.deal)
} finally {
  await stop()
}
