/** Hands out message ids until it is killed; writes each to standard output before it would be used. */
import { fileStore } from '../../../client/src/node/file-store.ts'
import { writeSync } from 'node:fs'
import { messageIds } from '../../../client/src/membership/message-ids.ts'

const [, , dir, limit] = process.argv
const ids = messageIds(await fileStore(dir!), 'k')
for (let epoch = BigInt(Math.floor(Date.now() / 50)); ; epoch = BigInt(Math.floor(Date.now() / 50))) {
  const id = await ids.reserve(epoch, Number(limit)).catch((error: { code: string }) => error.code)
  if (typeof id === 'number') writeSync(1, `${epoch} ${id}\n`)
  else if (id !== 'RATE_LIMITED' && id !== 'RESTORED') throw new Error(id)
}
