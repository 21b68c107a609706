import { identityFromSecret, membershipTree, type Slot } from '@teahouse/protocol/rln'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Account } from '../account/account.ts'
import { withRecent, type LedgerView } from '../membership/view.ts'
import type { Membership } from '../membership/membership.ts'
import { MessageIdError } from '../membership/message-ids.ts'
import type { Proving } from '../messaging/proving.ts'
import { memoryStore } from '../storage/store.ts'
import { keepReady } from './keep-ready.ts'
import { slotKeyOf } from './slot-key.ts'
import { slotStore } from './slot-store.ts'
import { createSlots } from './slots.ts'
import { fakeSlot } from './testing/fake-slot.ts'

const EPOCH_SECONDS = 60
const RATE_LIMIT = 4
const path = membershipTree().path(0)

let now: number
let root: bigint
let recent: bigint[]
let prepared: number[]
let storage: ReturnType<typeof memoryStore>
/** By epoch: ids that are gone. */
let leased: Map<bigint, number>
let ahead: unknown[]
/** Runs while a slot is being made. */
let meanwhile: () => void
/** Runs when the prover is opened. */
let opening: () => void
let looks: number

beforeEach(async () => {
  now = 1_800_000_000_000
  root = 11n
  recent = []
  prepared = []
  storage = memoryStore()
  meanwhile = () => undefined
  opening = () => undefined
  leased = new Map()
  ahead = []
  looks = 0
})

const epochNow = () => BigInt(Math.floor(now / 1000 / EPOCH_SECONDS))
const ledger = { isValidRoot: (asked: bigint) => asked === root || recent.includes(asked), path: () => path }
const context = { member: { index: 0, rateLimit: RATE_LIMIT }, ledger, epochNow }

async function reserve(current: () => bigint, limit: number) {
  const epoch = current()
  const messageId = leased.get(epoch) ?? 0
  if (messageId >= limit) throw new MessageIdError('used up', { code: 'RATE_LIMITED', limit, epoch })
  leased.set(epoch, messageId + 1)
  return { epoch, messageId }
}

function open({ member = true } = {}) {
  return createSlots({
    account: { rln: identityFromSecret(7n) } as Account,
    store: slotStore({ storage, scope: 's', key: () => slotKeyOf(7n) }),
    ids: { reserve, ahead: async (...asked) => void ahead.push(asked) },
    ledgerView: withRecent(
      {
        params: async () => ({
          epochSeconds: EPOCH_SECONDS,
          identifier: new Uint8Array(32),
          rootWindowSeconds: 40,
        }),
        update: async () => (looks++, ledger),
      } as unknown as LedgerView,
      () => now,
    ),
    membership: { activeIn: () => (member ? context.member : undefined) } as unknown as Membership,
    proving: {
      open: async () => opening(),
      async prepare({ messageId }, { signal, onProgress }): Promise<Slot> {
        prepared.push(messageId)
        const { slot } = fakeSlot({ root })
        onProgress?.(0.5)
        meanwhile()
        signal?.throwIfAborted()
        return slot
      },
    } as Proving,
    now: () => now,
  })
}

describe('slots', () => {
  it('are made ahead, and then used one a message', async () => {
    const slots = open()
    expect(await slots.prepare({ slots: 2 })).toEqual({ ready: 2 })
    expect(await slots.ready()).toBe(2)
    const permits = [await slots.permit(context), await slots.permit(context), await slots.permit(context)]
    expect(permits.map(({ messageId, slot }) => [messageId, slot !== undefined])).toEqual([
      [0, true],
      [1, true],
      [2, false],
    ])
    expect(prepared).toEqual([0, 1])
  })

  it('are only made where some are missing, and not beyond the limit', async () => {
    const slots = open()
    await slots.prepare({ slots: 2 })
    await slots.prepare({ slots: 2 })
    expect(prepared).toEqual([0, 1])
    expect(await slots.prepare({ slots: 99 })).toEqual({ ready: RATE_LIMIT })
    expect(leased.get(epochNow())).toBe(RATE_LIMIT)
    for (let id = 0; id < RATE_LIMIT; id++) expect((await slots.permit(context)).messageId).toBe(id)
    await expect(slots.permit(context)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  })

  it('are not looked at over the network more than four times in the time that a root counts', async () => {
    const slots = open()
    await slots.prepare()
    expect(looks).toBe(1)
    for (let second = 0; second < 9; second++) {
      now += 1_000
      await slots.prepare()
    }
    expect(looks).toBe(1)
    now += 2_000
    await slots.prepare()
    expect(looks).toBe(2)
    expect(prepared).toEqual([0])
  })

  it('serve one of many calls each', async () => {
    const slots = open()
    await slots.prepare({ slots: 3 })
    const permits = await Promise.all([1, 2, 3].map(() => slots.permit(context)))
    expect(new Set(permits.map(({ messageId }) => messageId)).size).toBe(3)
    expect(new Set(permits.map(({ slot }) => slot)).size).toBe(3)
  })

  it('are never used after a restart: the store may be a copy, and the ids leased by another', async () => {
    await open().prepare({ slots: 3 })
    const restarted = open()
    expect(await restarted.ready()).toBe(0)
    expect(await restarted.permit(context)).toEqual({ epoch: epochNow(), messageId: 3 })
    root = 12n // nor do their ids come back when their root has gone
    await expect(restarted.permit(context)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    now += EPOCH_SECONDS * 1_000
    await restarted.ready()
    expect((await storage.keys('')).filter((key) => key.includes('slot'))).toEqual([])
  })

  it('come with a lease of the next epoch when this one is nearly over', async () => {
    const slots = open()
    await slots.prepare({ slots: 2 })
    expect(ahead).toEqual([])
    now += EPOCH_SECONDS * 900
    await slots.prepare({ slots: 2 })
    expect(ahead).toEqual([[epochNow() + 1n, 2, RATE_LIMIT]])
  })

  it('die with their epoch', async () => {
    const slots = open()
    await slots.prepare({ slots: 2 })
    now += EPOCH_SECONDS * 1_000
    expect(await slots.permit(context)).toEqual({ epoch: epochNow(), messageId: 0 })
    expect(await slots.ready()).toBe(0)
    expect((await storage.keys('')).filter((key) => key.includes('slot'))).toEqual([])
  })

  it('die with their root; their ids, which nothing was sent with, do not', async () => {
    const slots = open()
    await slots.prepare({ slots: 2 })
    root = 12n
    expect(await slots.ready()).toBe(0)
    expect(await slots.permit(context)).toEqual({ epoch: epochNow(), messageId: 0 })
    await slots.prepare({ slots: 2 })
    expect(prepared).toEqual([0, 1, 1, 2])
    expect((await slots.permit(context)).slot?.root).toBe(12n)
  })

  it('live while nodes still take their root', async () => {
    const slots = open()
    await slots.prepare()
    recent = [root]
    root = 12n
    expect((await slots.permit(context)).slot?.root).toBe(11n)
  })

  it('are passed over when they are damaged, and the id is wasted', async () => {
    const slots = open()
    await slots.prepare({ slots: 2 })
    const [first] = (await storage.keys('')).filter((key) => key.includes('slot'))
    await storage.set(first!, 'AAAA')
    expect(await slots.permit(context)).toMatchObject({ messageId: 1, slot: {} })
    expect(await slots.permit(context)).toEqual({ epoch: epochNow(), messageId: 2 })
  })

  it('tell their progress', async () => {
    const seen: unknown[] = []
    await open().prepare({ slots: 2, onProgress: (progress) => seen.push(progress) })
    expect(seen).toEqual([
      { ready: 0, done: 0.5 },
      { ready: 1, done: 0.5 },
    ])
  })

  it('that were cancelled leave nothing, and their id serves the next message', async () => {
    const slots = open()
    const controller = new AbortController()
    meanwhile = () => controller.abort()
    await expect(slots.prepare({ signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' })
    expect(await slots.ready()).toBe(0)
    expect(await slots.permit(context)).toEqual({ epoch: epochNow(), messageId: 0 })
    expect(await slots.permit(context)).toEqual({ epoch: epochNow(), messageId: 1 })
  })

  it('that can never be made use up no ids, however often they are tried', async () => {
    const slots = open()
    meanwhile = () => {
      throw new RangeError('broken')
    }
    for (let count = 0; count < 9; count++) await expect(slots.prepare()).rejects.toThrow('broken')
    expect(leased.get(epochNow())).toBe(1)
    now += EPOCH_SECONDS * 1_000
    meanwhile = () => undefined
    await slots.prepare({ slots: RATE_LIMIT })
    const ids = [1, 2, 3, 4].map(async () => (await slots.permit(context)).messageId)
    expect(new Set(await Promise.all(ids)).size).toBe(RATE_LIMIT)
  })

  it('and messages take no id while there is no prover', async () => {
    const slots = open()
    opening = () => {
      throw new RangeError('no artifacts')
    }
    await expect(slots.prepare()).rejects.toThrow('no artifacts')
    await expect(slots.permit(context)).rejects.toThrow('no artifacts')
    expect(leased.size).toBe(0)
  })

  it('that may have come into the store, though it failed, keep their id', async () => {
    const { update } = storage
    storage.update = async (...given) => {
      await update(...given)
      throw new RangeError('the disk is gone')
    }
    const slots = open()
    await expect(slots.prepare()).rejects.toThrow('the disk is gone')
    storage.update = update
    const permits = [await slots.permit(context), await slots.permit(context)]
    expect(permits.map(({ messageId }) => messageId)).toEqual([0, 1])
  })

  it('whose epoch ends while they are made are made again', async () => {
    meanwhile = () => {
      now += prepared.length === 1 ? EPOCH_SECONDS * 1_000 : 0
    }
    expect(await open().prepare()).toEqual({ ready: 1 })
    expect(prepared).toEqual([0, 0])
  })

  it('need a membership', async () => {
    await expect(open({ member: false }).prepare()).rejects.toMatchObject({ code: 'NOT_A_MEMBER' })
  })
})

describe('the keeper', () => {
  it('fills what is missing, and stops at once', async () => {
    const keeper = keepReady(open())
    keeper.keep(2)
    await expect.poll(() => prepared).toEqual([0, 1])
    await keeper.stop()
  })

  it('goes on after a failure, and cancels what is under way when it stops', async () => {
    let cancelled: AbortSignal | undefined
    let calls = 0
    const keeper = keepReady({
      async prepare({ signal } = {}) {
        cancelled = signal
        calls++
        throw new RangeError('no chain')
      },
    })
    keeper.keep(1)
    await expect.poll(() => calls).toBe(1)
    await keeper.stop()
    expect(cancelled?.aborted).toBe(true)
  })
})
