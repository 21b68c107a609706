import { expect, it } from 'vitest'
import { memoryStore } from '../../storage/store.ts'
import { createClock } from './clock.ts'
import { createLeases } from './leases.ts'

const EPOCH_SECONDS = 60
const NOW = 1_800_000_000_000
const EPOCH = BigInt(NOW / 1_000 / EPOCH_SECONDS)

function open(read: () => number) {
  const deviceNow = () => NOW
  return createLeases({
    secret: 7n,
    params: async () => ({ epochSeconds: EPOCH_SECONDS, identifier: new Uint8Array(32) }),
    operators: {
      read: async () => ({ head: read(), at: async () => [1, 2, 3], everAnnounced: [1, 2, 3] }),
    },
    ask: () => Promise.reject(new Error('gone')),
    storage: memoryStore(),
    storageKey: 'k',
    waits: { answerMs: 10, slowMs: 10, othersMs: 10 },
    ...{ clock: createClock(deviceNow), deviceNow },
  })
}

it('calls that come at once find out together who keeps the ids', async () => {
  let reads = 0
  const leases = open(() => {
    reads++
    return NOW / 1_000
  })
  const calls = [leases.look(EPOCH), leases.look(EPOCH), leases.lease(EPOCH, 1, 20)]
  for (const outcome of await Promise.allSettled(calls))
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'NO_LEASE' } })
  expect(reads).toBe(1)
})

it('what failed is found out anew', async () => {
  const heads = [0, 0, NOW / 1_000]
  const leases = open(() => heads.shift()!)
  await expect(leases.look(EPOCH)).rejects.toMatchObject({ code: 'CHAIN_BEHIND' })
  await expect(leases.look(EPOCH)).rejects.toMatchObject({ code: 'CHAIN_BEHIND' })
  await expect(leases.look(EPOCH)).rejects.toMatchObject({ code: 'NO_LEASE' })
})
