import { TeahouseError } from '@teahouse/protocol/errors'
import type { Hex } from 'viem'
import { beforeEach, describe, expect, it } from 'vitest'
import { accountFromPhrase, createAccount, type Account } from '../account/account.ts'
import { durableMarks } from '../membership/leases/marks.ts'
import { SendError } from '../messaging/errors.ts'
import type { ReceivedMessage } from '../messaging/received.ts'
import { voucherBook } from '../payments/voucher-book.ts'
import { scopesOf } from '../scopes.ts'
import { memoryStore, type KeyValueStore } from '../storage/store.ts'
import { addressAt, CONTRACTS } from '../testing/contracts.ts'
import { createBackups } from './backups.ts'

const DAY = 86_400_000
const account = createAccount()
const scopes = scopesOf({ chainId: 31337, genesis: 'ab12', account: account.address, contracts: CONTRACTS })
const HASH: Hex = `0x${'ab'.repeat(32)}`

interface Kept {
  readonly contentTopic: string
  readonly payload: Uint8Array
  readonly seconds: number
}

let now: number
/** What two nodes keep. */
let nodes: Record<'one' | 'other', Kept[]>
let left: number
let isOffline: boolean
/** Hashes of messages that were taken back. */
let discarded: Hex[]
let stopping: AbortController
let isChatOpen: boolean

beforeEach(() => {
  now = 1_800_000_000_000
  nodes = { one: [], other: [] }
  left = 20
  isOffline = false
  discarded = []
  stopping = new AbortController()
  isChatOpen = false
})

async function send({ contentTopic, payload }: { contentTopic: string; payload: Uint8Array }): Promise<void> {
  left--
  if (isOffline) throw new SendError('No node took it', { code: 'NOT_SENT', messageHash: HASH, paid: 0n })
  for (const kept of Object.values(nodes)) kept.push({ contentTopic, payload, seconds: now / 1_000 })
}

function device(storage: KeyValueStore = memoryStore(), of: Account = account) {
  const backups = createBackups({
    ...{ account: of, storage, scope: scopes.chat, send, signal: stopping.signal },
    discard: async (hash) => void discarded.push(hash),
    remaining: async () => ({ left, limit: 20 }),
    history: async ({ contentTopic, since = 0, except }) => {
      if (isOffline) throw new TeahouseError('No node answers', { code: 'NO_NODES' })
      const peerId = except === 'one' ? 'other' : 'one'
      const messages = nodes[peerId].filter(
        (one) => one.contentTopic === contentTopic && one.seconds >= since,
      )
      return {
        messages: messages as unknown as ReceivedMessage[],
        ...{ peerId, operatorId: 1, paid: 0n, pages: 1 },
      }
    },
    isChatOpen: () => isChatOpen,
    now: () => now,
  })
  const book = voucherBook(storage, scopes.vouchers)
  return {
    ...{ storage, backups },
    /** Something worth keeping. */
    pays: (amount: bigint) => book.add(addressAt(7), { epoch: 1n, amount, floor: 0n }),
    signed: () => book.signed(addressAt(7), 1n),
  }
}

const makes = (of: ReturnType<typeof device>) => of.backups.makeIfDue()
const code = (wanted: string) => ({ code: wanted })

describe('a backup with nodes', () => {
  it('brings back what a device knew, from the phrase alone', async () => {
    const lost = device()
    await lost.pays(500n)
    expect(await makes(lost)).toBe(true)
    const found = device(memoryStore(), accountFromPhrase(account.phrase))
    expect(await found.backups.restore()).toMatchObject({ madeAt: now / 1_000, skipped: [] })
    expect(await found.signed()).toBe(500n)
  })

  it('is made by itself where there is something to keep: a change after a day and a half, the same after a week', async () => {
    const one = device()
    expect(await makes(one)).toBe(false)
    await one.pays(1n)
    expect(await makes(one)).toBe(true)
    await one.pays(1n)
    expect(await makes(one)).toBe(false)
    now += 1.5 * DAY
    expect(await makes(one)).toBe(true)
    now += 6.9 * DAY
    expect(await makes(one)).toBe(false)
    now += 0.1 * DAY
    expect(await makes(one)).toBe(true)
    expect((await one.backups.state()).madeAt).toBe(now)
    expect(nodes.one).toHaveLength(3)
  })

  it('is made when it is asked for, though there is nothing new', async () => {
    const one = device()
    await one.backups.make()
    await one.backups.make()
    expect(nodes.one).toHaveLength(2)
  })

  it('is made once by two tabs', async () => {
    const one = device()
    await one.pays(1n)
    expect((await Promise.all([makes(one), makes(device(one.storage))])).sort()).toEqual([false, true])
    expect(nodes.one).toHaveLength(1)
  })

  it('goes on by itself until the client stops', async () => {
    const one = device()
    await one.pays(1n)
    await one.backups.keep()
    await expect.poll(() => nodes.one.length).toBe(1)
    stopping.abort()
    await one.backups.stopped()
  })

  it('comes from the other node where one withholds it, or shows an older one', async () => {
    const lost = device()
    await lost.pays(1n)
    await lost.backups.make()
    const old = nodes.one.slice()
    await lost.pays(1n)
    now += 60_000
    await lost.backups.make()
    for (const shown of [[], old]) {
      nodes.one = shown
      const found = device()
      await found.backups.restore()
      expect(await found.signed()).toBe(2n)
    }
  })

  it('is found up to 30 days later, and never the older one of two', async () => {
    const lost = device()
    await lost.pays(1n)
    await lost.backups.make()
    now += 20 * DAY
    await lost.pays(1n)
    await lost.backups.make()
    now += 29.9 * DAY
    const found = device()
    await found.backups.restore()
    expect(await found.signed()).toBe(2n)
    now += 0.2 * DAY
    expect(await device().backups.restore()).toBeUndefined()
  })
})

describe('what must not happen', () => {
  it('a device that knows less hides what another knew, or what it knew before it lost its storage', async () => {
    const lost = device()
    await lost.pays(500n)
    await lost.backups.make()
    now += 9 * DAY
    const empty = device()
    await empty.backups.make()
    const found = device()
    expect(await found.backups.restore()).toMatchObject({ madeAt: now / 1_000 })
    expect(await found.signed()).toBe(500n)
  })

  it('somebody else’s is taken in', async () => {
    const lost = device()
    await lost.pays(1n)
    await lost.backups.make()
    expect(await device(memoryStore(), createAccount()).backups.restore()).toBeUndefined()
  })

  it('message ids, slots or leases come back', async () => {
    const lost = device()
    await lost.pays(1n)
    await durableMarks(lost.storage, scopes.messageIds).raise(9n, 1, { first: 0, end: 1 })
    await lost.backups.make()
    const found = device()
    await found.backups.restore()
    expect((await found.storage.keys('')).filter((key) => !key.startsWith('voucher/'))).toEqual([])
  })

  it('one that no node took counts: it is taken back, and made anew', async () => {
    const one = device()
    await one.pays(1n)
    isOffline = true
    await expect(makes(one)).rejects.toMatchObject(code('NOT_SENT'))
    expect(discarded).toEqual([HASH])
    expect((await one.backups.state()).madeAt).toBeUndefined()
    isOffline = false
    expect(await makes(one)).toBe(true)
  })

  it('backups take the messages that people need', async () => {
    const one = device()
    await one.pays(1n)
    left = 10
    await expect(makes(one)).rejects.toMatchObject(code('NO_MESSAGES'))
    expect(left).toBe(10)
    left = 11
    expect(await makes(one)).toBe(true)
  })

  it('a failure goes unseen while it goes on by itself', async () => {
    const one = device()
    await one.pays(1n)
    left = 0
    await one.backups.keep()
    await expect.poll(async () => (await one.backups.state()).problem).toBe('NO_MESSAGES')
    stopping.abort()
    await one.backups.stopped()
  })

  it('an open chat goes on with contacts that are not those on disk', async () => {
    isChatOpen = true
    await expect(device().backups.restore()).rejects.toMatchObject(code('CHAT_IS_OPEN'))
  })

  it('no answer is taken for no backup', async () => {
    isOffline = true
    await expect(device().backups.restore()).rejects.toMatchObject(code('NO_NODES'))
  })
})
