/** Hands out message ids until it is killed; writes each to standard output before it would be used. */
import { fileStore } from '../../../client/src/node/file-store.ts'
import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageIds } from '../../../client/src/membership/message-ids.ts'

const [, , dir, limit] = process.argv
const ids = messageIds(await fileStore(dir!), 'k')
const epochNow = () => BigInt(Math.floor(Date.now() / 50))
for (;;) {
  const taken = await ids.reserve(epochNow, Number(limit)).catch((error: { code: string }) => error.code)
  if (typeof taken === 'object') writeSync(1, `${taken.epoch} ${taken.messageId}\n`)
  else if (taken !== 'RATE_LIMITED' && taken !== 'RESTORED') throw new Error(taken)
  await sleep(2) // the other process is to have its turn
}
