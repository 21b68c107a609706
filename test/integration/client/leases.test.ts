import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryStore } from '@teahouse/client'
import { fileStore } from '../../../client/src/node/file-store.ts'
import { cloneOf, EPOCH, leaseWorld, SECRET, type Conduct } from './lease-world.ts'

const LIMIT = 20

let world: ReturnType<typeof leaseWorld>
beforeEach(() => void (world = leaseWorld()))
/** Each case ends with the deposit whole. */
afterEach(() => {
  expect(world.slashed).toEqual([])
  world.stop()
})

async function times<T>(count: number, act: () => Promise<T>): Promise<T[]> {
  const results: T[] = []
  for (let done = 0; done < count; done++) results.push(await act())
  return results
}

it('a message id that is used twice reveals the secret: what these tests look for', () => {
  world.publish(EPOCH, 3)
  world.publish(EPOCH, 3)
  expect(world.slashed.splice(0)).toEqual([SECRET])
})

describe('an account sends at once, and keeps its deposit', () => {
  it('restored from its phrase on another device, in the same epoch', async () => {
    const [old, restored] = [world.run(), world.run()]
    await times(5, old.send)
    await times(5, restored.send)
    await times(3, old.send)
  })

  it('on two devices together, up to its limit and no further', async () => {
    const devices = [world.run(), world.run()]
    const outcomes = await Promise.all(
      devices.map((device) =>
        times(LIMIT, () => device.send().catch((error: { code: string }) => error.code)),
      ),
    )
    const ids = outcomes.flat().filter((outcome) => typeof outcome === 'number')
    expect(new Set(outcomes.flat().filter((outcome) => typeof outcome === 'string'))).toEqual(
      new Set(['RATE_LIMITED']),
    )
    expect(ids.length).toBeLessThanOrEqual(LIMIT)
    expect(ids.length).toBeGreaterThan(LIMIT / 2)
  })

  it('alone, as often as it has paid for', async () => {
    const device = world.run()
    const ids = await times(LIMIT, device.send)
    expect(ids.sort((a, b) => a - b)).toEqual(Array.from({ length: LIMIT }, (_, id) => id))
    await expect(device.send()).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  })

  it('by one process a message: nothing is lost between them', async () => {
    const storage = memoryStore()
    const ids = await times(LIMIT, () => world.run({ storage }).send())
    expect(new Set(ids).size).toBe(LIMIT)
  })

  it('from a folder that was copied, both going on', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'teahouse-cloned-'))
    const first = world.run({ storage: await fileStore(join(dir, 'a')) })
    await times(3, first.send)
    await cp(join(dir, 'a'), join(dir, 'b'), { recursive: true, preserveTimestamps: true })
    const copy = world.run({ storage: await fileStore(join(dir, 'b')) })
    for (let round = 0; round < 4; round++) await Promise.all([first.send(), copy.send()])
    await rm(dir, { recursive: true })
  })

  it('from a disk that was rolled back, without any way to tell', async () => {
    const storage = memoryStore()
    await times(2, world.run({ storage }).send)
    const snapshot = await cloneOf(storage)
    await times(4, world.run({ storage }).send)
    await times(4, world.run({ storage: snapshot }).send)
  })

  it('from a browser whose storage was evicted', async () => {
    for (let visit = 0; visit < 3; visit++) await times(3, world.run({ storage: memoryStore() }).send)
  })

  it('killed between lease and use, and between use and sending', async () => {
    const storage = memoryStore()
    for (let kill = 0; kill < 3; kill++) {
      const process = world.run({ storage })
      await process.ids.ahead(process.epochNow(), 2, LIMIT) // leased, never used
      await process.ids.reserve(process.epochNow, LIMIT) // used for a proof that never left
    }
    await times(3, world.run({ storage }).send)
  })
})

describe('with nodes that fail', () => {
  it.each([1, 2, 3])(
    'operator %i down: ids that the other two keep are there, a third or more',
    async (down) => {
      world.conduct.set(down, 'down')
      const device = world.run()
      await times(Math.floor(LIMIT / 3), device.send)
      world.conduct.clear()
      await times(4, world.run().send)
    },
  )

  it.each([1, 2, 3])(
    'operator %i lies, grants everything, and each copy misses another honest one',
    async (liar) => {
      world.conduct.set(liar, 'liar')
      const honest = [1, 2, 3].filter((id) => id !== liar)
      await Promise.all(
        honest.map((missing) => times(5, world.run({ unreachable: new Set([missing]) }).send)),
      )
    },
  )

  it.each([1, 2, 3])('operator %i forgets everything', async (forgetful) => {
    for (const missing of [1, 2, 3]) {
      await times(2, world.run({ unreachable: new Set([missing]) }).send)
      world.forget(forgetful)
    }
  })

  it('operator 2 says that all is taken: it can prove nothing, and the rest is there', async () => {
    world.conduct.set(2, 'denier')
    await times(Math.floor(LIMIT / 3), world.run().send)
  })

  it('two down: it does not send, loses nothing, and sends when one is back', async () => {
    world.conduct.set(1, 'down').set(3, 'down')
    const device = world.run()
    await expect(device.send()).rejects.toMatchObject({
      code: 'NO_LEASE',
      detail: { operators: expect.arrayContaining([1, 2, 3]) },
    })
    expect(world.sent()).toBe(0)
    world.conduct.delete(3)
    await device.send()
  })

  it('two that collude: not past the third, and never past what this device remembers', async () => {
    world.conduct.set(1, 'liar').set(2, 'liar')
    await times(5, world.run().send)
    await times(5, world.run().send) // the honest one shows what was claimed
    const storage = memoryStore()
    const alone = { storage, unreachable: new Set([3]) }
    const before = await world.run(alone).ids.reserve(() => EPOCH, LIMIT)
    expect(await world.run(alone).ids.reserve(() => EPOCH, LIMIT)).not.toEqual(before)
  })
})

describe('two processes that share a folder', () => {
  it('never get the same ids, though all three nodes collude', async () => {
    world.conduct.set(1, 'liar').set(2, 'liar').set(3, 'liar')
    const storage = memoryStore()
    const processes = [world.run({ storage }), world.run({ storage })]
    const ids = await Promise.all(processes.map(({ send }) => times(4, send)))
    expect(new Set(ids.flat()).size).toBe(8)
  })
})

describe('when the operators change', () => {
  const joined = (epoch: bigint) => async (seconds: number) =>
    seconds >= Number(epoch) * 60 - 120 ? [1, 2, 3, 4, 5, 6] : [1, 2, 3]

  it('two copies that read the chain at different times ask the same nodes', async () => {
    world.stop()
    world = leaseWorld([1, 2, 3, 4, 5, 6])
    const at = joined(EPOCH + 1n)
    for (let epoch = 0; epoch < 4; epoch++) {
      const copies = [world.run({ at }), world.run({ at, head: Number(EPOCH + BigInt(epoch)) * 60 - 60 })]
      await Promise.all(copies.map((copy) => times(4, copy.send)))
      world.pass(60_000)
    }
  })

  it('a copy whose chain is too far behind does not send', async () => {
    const late = world.run({ head: Number(EPOCH) * 60 - 61 })
    await expect(late.send()).rejects.toMatchObject({ code: 'CHAIN_BEHIND' })
  })
})

describe("when this device's clock is off", () => {
  it.each([-30_000, 30_000])('by %i ms: it is corrected, also into another epoch', async (offByMs) => {
    const device = world.run({ offByMs })
    await device.send()
    expect(Math.abs(device.clock.now() - world.run().clock.now())).toBeLessThan(100)
    expect(device.epochNow()).toBe(EPOCH)
    await times(3, world.run().send)
  })

  it.each([-300_000, 300_000])('by %i ms: it does not send, and says so', async (offByMs) => {
    for (const liar of [undefined, 2]) {
      if (liar) world.conduct.set(liar, 'down')
      await expect(world.run({ offByMs }).send()).rejects.toMatchObject({ code: 'CLOCK_WRONG' })
    }
    expect(world.sent()).toBe(0)
  })
})

describe('what is left', () => {
  const leftOn = async ({ ids, epochNow }: ReturnType<typeof world.run>) =>
    (await ids.remaining(epochNow, LIMIT)).left

  it('is known on every device, before the limit is hit', async () => {
    const [one, other] = [world.run(), world.run()]
    await times(5, one.send)
    expect(one.ids.left(EPOCH, LIMIT)).toBe(LIMIT - 5)
    expect(await leftOn(other)).toBeLessThanOrEqual(LIMIT - 5)
    expect(await leftOn(other)).toBeGreaterThan(LIMIT - 10)
    await times(LIMIT - 5, one.send)
    expect(await leftOn(other)).toBe(0)
  })

  it('is told of the right epoch, or not at all, when the clock is off', async () => {
    await times(4, world.run().send)
    expect(await leftOn(world.run({ offByMs: -30_000 }))).toBeLessThanOrEqual(LIMIT - 4)
    await expect(leftOn(world.run({ offByMs: 300_000 }))).rejects.toMatchObject({ code: 'CLOCK_WRONG' })
  })

  it('can be told while one node is down, and not while all are', async () => {
    await times(3, world.run().send)
    world.conduct.set(1, 'down')
    expect(await leftOn(world.run())).toBeLessThanOrEqual(LIMIT - 3)
    world.conduct.set(2, 'down').set(3, 'down')
    await expect(leftOn(world.run())).rejects.toMatchObject({ code: 'NO_LEASE' })
  })
})

it('whatever copies, restarts, rollbacks and failures there are, with one node that lies: no id comes twice', async () => {
  const node = fc.integer({ min: 1, max: 3 })
  const act = fc.oneof(
    { weight: 6, arbitrary: fc.record({ act: fc.constant('send' as const), who: fc.nat(3) }) },
    fc.record({ act: fc.constantFrom('restart', 'clone', 'evict', 'miss', 'reach'), who: fc.nat(3), node }),
    fc.record({ act: fc.constantFrom('down', 'up', 'forget', 'wait'), who: fc.constant(0), node }),
  )
  await fc.assert(
    fc.asyncProperty(
      node,
      fc.constantFrom<Conduct>('liar', 'honest'),
      fc.array(act, { maxLength: 40 }),
      async (bad, how, acts) => {
        const all = leaseWorld()
        const newDevice = (storage = memoryStore(), unreachable = new Set<number>()) => ({
          storage,
          unreachable,
          run: all.run({ storage, unreachable }),
        })
        const devices = [0, 1, 2, 3].map(() => newDevice())
        all.conduct.set(bad, how)
        for (const step of acts) {
          const device = devices[step.who]!
          const { storage, unreachable } = device
          if (step.act === 'send') await device.run.send().catch(ignoreRefusal)
          else if (step.act === 'restart') devices[step.who] = newDevice(storage, unreachable)
          else if (step.act === 'clone') devices[(step.who + 1) % 4] = newDevice(await cloneOf(storage))
          else if (step.act === 'evict') devices[step.who] = newDevice()
          else if (step.act === 'wait') all.pass(25_000)
          else if (!('node' in step)) continue
          else if (step.act === 'miss') unreachable.add(step.node)
          else if (step.act === 'reach') unreachable.delete(step.node)
          else if (step.node === bad && step.act === 'forget') all.forget(bad)
          else if (step.node !== bad) all.conduct.set(step.node, step.act === 'down' ? 'down' : 'honest')
        }
        all.stop()
        expect(all.slashed).toEqual([])
      },
    ),
    { numRuns: 25 },
  )
})

function ignoreRefusal(error: unknown): void {
  expect(['NO_LEASE', 'RATE_LIMITED']).toContain((error as { readonly code?: string }).code)
}
