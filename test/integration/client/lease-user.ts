/**
 * Takes message ids until it is killed; writes each to standard output before it would be used. What it has to say to operators,
 * its parent passes on.
 */
import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClock } from '../../../client/src/membership/leases/clock.ts'
import { createLeases } from '../../../client/src/membership/leases/leases.ts'
import { messageIds } from '../../../client/src/membership/message-ids.ts'
import { fileStore } from '../../../client/src/node/file-store.ts'

/** What travels between the two: a question to an operator, or its answer. */
export interface Passed {
  readonly id: number
  readonly operator: number
  readonly hex: string
}

const [, , dir, limit, epochSeconds] = process.argv
const operators = [1, 2, 3]
const waiting = new Map<number, (answer: Uint8Array) => void>()
process.on('message', ({ id, hex }: Passed) => waiting.get(id)?.(new Uint8Array(Buffer.from(hex, 'hex'))))

function ask(operator: number, bytes: Uint8Array): Promise<Uint8Array> {
  const id = waiting.size
  process.send!({ id, operator, hex: Buffer.from(bytes).toString('hex') } satisfies Passed)
  return new Promise((resolve) => waiting.set(id, resolve))
}

const clock = createClock(Date.now)
const leases = createLeases({
  secret: 4_711n,
  params: async () => ({ epochSeconds: Number(epochSeconds), identifier: new Uint8Array(32).fill(9) }),
  operators: {
    read: async () => ({ head: Date.now() / 1_000, at: async () => operators, everAnnounced: operators }),
  },
  ask,
  storage: await fileStore(dir!),
  storageKey: 'k',
  clock,
  deviceNow: Date.now,
})
const ids = messageIds(leases)
const epochNow = () => BigInt(Math.floor(clock.now() / 1_000 / Number(epochSeconds)))
for (;;) {
  const taken = await ids.reserve(epochNow, Number(limit))
  writeSync(1, `${taken.epoch} ${taken.messageId}\n`)
  await sleep(1)
}
