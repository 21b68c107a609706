import { setTimeout as sleep } from 'node:timers/promises'
import { LeaseError, type Chat } from '@teahouse/client'
import { nodeClient } from '@teahouse/client/node'
import type { LocalNetwork } from '@teahouse/protocol/chain'
import { eventually } from '../eventually.ts'
import type { StepLog } from '../report.ts'
import { must, mustEqual } from '../start-error.ts'
import type { Person } from './people.ts'

const TIMEOUT_MS = 60_000
const POLL_MS = 50
const QUESTION = 'Shall we meet at the teahouse?'
const ANSWER = 'At four. Nobody else knows.'

/** Step 5, too: Alice and Bob talk; nodes keep bytes that say neither what nor between whom. */
export async function talk(log: StepLog, network: LocalNetwork, alice: Person, bob: Person): Promise<void> {
  const asking = await nodeClient({ network, account: alice.account, dir: alice.dir })
  const answering = await nodeClient({ network, account: bob.account, dir: bob.dir })
  try {
    const [hers, his] = await Promise.all([
      asking.chat({ name: 'Alice', ackDelayMs: 100 }),
      answering.chat({ name: 'Bob', ackDelayMs: 100 }),
    ])
    await log.time("Bob publishes his device's keys", async () => {
      await his.start()
      await onceAllGrant(() => his.publish())
    })
    await hers.start()
    await hers.contacts.add(his.card, { name: 'Bob' })
    const { state, problem } = await log.time('Alice writes to him, end-to-end encrypted', () =>
      hers.send('Bob', QUESTION),
    )
    must(state === 'sent', `a node takes Alice's message (${String(problem)})`)
    const request = await log.time('Bob is asked whether he knows her', () => firstRequest(his))
    await his.accept(request, 'Alice')
    mustEqual(await nextText(his), QUESTION, 'what Bob reads')
    const answer = await log.time('Bob answers, and Alice reads it', async () => {
      await his.send('Alice', ANSWER)
      return nextText(hers)
    })
    mustEqual(answer, ANSWER, 'what Alice reads')
  } finally {
    await Promise.all([asking.stop(), answering.stop()])
  }
}

/** In the first epochs of a network all nodes have to grant a message id: one that was just killed is back in seconds. */
async function onceAllGrant(send: () => Promise<unknown>): Promise<void> {
  for (const deadline = Date.now() + TIMEOUT_MS; ; await sleep(POLL_MS)) {
    try {
      await send()
      return
    } catch (error) {
      const isWaiting = error instanceof LeaseError && error.code === 'NO_LEASE'
      if (!isWaiting || Date.now() > deadline) throw error
    }
  }
}

async function firstRequest(chat: Chat): Promise<string> {
  return await eventually(
    "Alice's message reaches Bob",
    TIMEOUT_MS,
    async () => (await chat.requests())[0]?.account,
  )
}

async function nextText(chat: Chat): Promise<string> {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  for await (const { body, account, id } of chat.incoming(signal)) {
    await chat.markRead(account, [id])
    if (body.kind === 'text') return body.text
  }
  return 'nothing'
}
