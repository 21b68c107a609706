/** Takes slots until none is left, or until it is killed; writes each to standard output before it would be finished. */
import { writeSync } from 'node:fs'
import { slotFolder } from '@teahouse/client/node'
import { slotKeyOf, slotStore } from '@teahouse/client'

const [, , dir, secret] = process.argv
const store = slotStore({
  storage: await slotFolder(dir!),
  scope: 'race',
  key: () => slotKeyOf(BigInt(secret!)),
})
for (;;) {
  const taken = await store.take(() => true)
  if (!taken) break
  writeSync(1, `${taken.messageId}\n`)
}
writeSync(1, 'end\n')
