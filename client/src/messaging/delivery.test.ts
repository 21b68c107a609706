import { numberToHex, type Hex } from 'viem'
import { describe, expect, it } from 'vitest'
import { NetError } from '../net/errors.ts'
import { memoryStore } from '../storage/store.ts'
import { QueryError } from './errors.ts'
import { deliver, type DeliverOptions, type DeliveryNotice } from './delivery.ts'
import type { HistoryOptions, Reader } from './reader.ts'
import type { ReceivedMessage } from './received.ts'

const TOPIC = '/a1/6/m/bin'
const START = 1_700_000_000

const hash = (n: number): Hex => numberToHex(BigInt(n) << 200n, { size: 32 })

/** The n-th message, sent n seconds after the start. */
function message(n: number, sentAt = n): ReceivedMessage {
  const timestamp = BigInt(START + sentAt) * 1_000_000_000n
  return {
    messageHash: hash(n),
    contentTopic: TOPIC,
    payload: Uint8Array.of(n),
    timestamp,
  }
}

/** Two stores and a filter, in the hands of the test. */
function network() {
  const stores: [ReceivedMessage[], ReceivedMessage[]] = [[], []]
  const state = { down: false, tooMuch: false, seconds: START + 1_000, forgotten: [] as Hex[] }
  const asked: HistoryOptions[] = []
  let push: (message: ReceivedMessage) => void = () => undefined
  let reopened: () => void = () => undefined

  const within = (messages: ReceivedMessage[], { since = 0, until = Infinity }: Partial<HistoryOptions>) =>
    messages.filter(({ timestamp }) => {
      const at = Number(timestamp! / 1_000_000_000n)
      return at >= since && at < until
    })
  const reader: Pick<Reader, 'history' | 'compare' | 'forgotten' | 'listen'> = {
    async history(options) {
      asked.push(options)
      if (state.down) throw new NetError('away', { code: 'NO_NODES', service: 'store' })
      if (state.tooMuch)
        throw new QueryError('endless', { code: 'TOO_MUCH', peerId: 'one', messages: 9, bytes: 9 })
      return { messages: within(stores[0], options), paid: 0n, pages: 1, peerId: 'one', operatorId: 1 }
    },
    async compare(options, _first, known) {
      if (state.down) return undefined
      return { peerId: 'two', messages: within(stores[1], options).filter((m) => !known(m.messageHash)) }
    },
    forgotten: async (_options, _peerId, hashes) =>
      new Set(hashes.filter((asked) => state.forgotten.includes(asked))),
    listen({ onReopened, signal }) {
      reopened = onReopened ?? reopened
      const waiting: ReceivedMessage[] = []
      let wake = () => undefined as void
      push = (given) => (waiting.push(given), wake())
      signal?.addEventListener('abort', () => wake())
      return {
        ready: Promise.resolve('one'),
        stop: () => undefined,
        async *[Symbol.asyncIterator]() {
          while (!signal?.aborted) {
            const next = waiting.shift()
            if (next) yield next
            else await new Promise<void>((resolve) => (wake = resolve))
          }
        },
      }
    },
  }
  return {
    ...{ stores, state, asked, reader },
    push: (given: ReceivedMessage) => push(given),
    reopen: () => reopened(),
  }
}

function setUp() {
  const net = network()
  const storage = memoryStore()
  const notices: DeliveryNotice[] = []
  const options = {
    contentTopic: TOPIC,
    since: START,
    onNotice: (notice: DeliveryNotice) => notices.push(notice),
  }
  const deps = { reader: net.reader, storage, scope: 'test', now: () => net.state.seconds * 1000 }
  /** Takes messages until `count` have come, and asks for one more, so that all are handled. */
  async function take(count: number, more: Partial<DeliverOptions> = {}): Promise<number[]> {
    const stop = new AbortController()
    const taken: number[] = []
    if (count === 0) setTimeout(() => stop.abort(), 30)
    for await (const { payload } of deliver(deps, { ...options, signal: stop.signal, ...more })) {
      taken.push(payload[0]!)
      if (taken.length === count) setTimeout(() => stop.abort(), 30) // time for a surplus to show
    }
    return taken
  }
  return { ...net, storage, notices, take, deps, options }
}

describe('what it does', () => {
  it('hands out what was missed, then what comes, each once and in the order of time', async () => {
    const { stores, push, take, notices } = setUp()
    stores[0] = [message(2), message(1)]
    stores[1] = stores[0]
    const taking = take(3)
    setTimeout(() => (push(message(2)), push(message(999))), 10)
    expect(await taking).toEqual([1, 2, 999 % 256])
    expect(notices[0]).toEqual({ kind: 'caught-up' })
  })

  it('goes on after a restart where it was, and repeats nothing', async () => {
    const { stores, state, asked, take } = setUp()
    stores[0] = stores[1] = [message(990), message(995)]
    expect(await take(2)).toEqual([990 % 256, 995 % 256])
    state.seconds += 100
    stores[0] = stores[1] = [...stores[0], message(1_050)]
    expect(await take(1)).toEqual([1_050 % 256])
    expect(asked.at(-1)?.since).toBe(START + 1_000 - 120)
  })

  it('gives again what was not handled when the loop ended', async () => {
    const { stores, take, deps, options } = setUp()
    stores[0] = stores[1] = [message(1), message(2)]
    for await (const { payload } of deliver(deps, options)) if (payload[0] === 2) break // as a crash in the body
    expect(await take(1)).toEqual([2])
  })

  it('reads what came while the subscription was lost', async () => {
    const { stores, reopen, take } = setUp()
    const taking = take(1)
    setTimeout(() => {
      stores[0] = [message(995)]
      reopen()
    }, 10)
    expect(await taking).toEqual([995 % 256])
  })

  it('fetches from a second node what the first does not show, and says so', async () => {
    const { stores, take, notices } = setUp()
    stores[0] = [message(1), message(3)]
    stores[1] = [message(1), message(2), message(3)]
    expect(await take(3)).toEqual([1, 2, 3])
    expect(notices).toContainEqual({ kind: 'withheld', peerId: 'one', messages: 1 })
  })

  it('blames no node for what its operator has openly had it forget, but for the rest', async () => {
    const { stores, state, take, notices } = setUp()
    stores[1] = [message(1), message(2), message(3)]
    state.forgotten = [hash(1), hash(2), hash(3)]
    expect(await take(3)).toEqual([1, 2, 3])
    expect(notices.map(({ kind }) => kind)).not.toContain('withheld')

    const partly = setUp()
    partly.stores[1] = stores[1]
    partly.state.forgotten = [hash(2)]
    expect(await partly.take(3)).toEqual([1, 2, 3])
    expect(partly.notices).toContainEqual({ kind: 'withheld', peerId: 'one', messages: 2 })
  })

  it('blames no node for what is still on its way', async () => {
    const { stores, take, notices } = setUp()
    stores[1] = [message(990)]
    expect(await take(1)).toEqual([990 % 256])
    expect(notices.map(({ kind }) => kind)).not.toContain('withheld')
  })

  it('ends by itself at `until`, and does not ask again later', async () => {
    const { stores, asked, take } = setUp()
    stores[0] = stores[1] = [message(1), message(600)]
    expect(await take(9, { until: START + 500 })).toEqual([1])
    expect(asked).toHaveLength(1)
    expect(await take(9, { until: START + 500 })).toEqual([])
    expect(asked).toHaveLength(1)
  })

  it('waits for the network, and then delivers', async () => {
    const { stores, state, take, notices } = setUp()
    state.down = true
    stores[0] = stores[1] = [message(1)]
    setTimeout(() => (state.down = false), 50)
    expect(await take(1)).toEqual([1])
    expect(notices[0]).toMatchObject({ kind: 'offline' })
  })
})

describe('when it must refuse', () => {
  it('to read a store that has no end over and over', async () => {
    const { asked, state, take, notices } = setUp()
    state.tooMuch = true
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 1_300) // what is only away is asked again after a second
    expect(await take(9, { signal: stop.signal })).toEqual([])
    expect(asked).toHaveLength(1)
    expect(notices).toMatchObject([{ kind: 'offline', error: { code: 'TOO_MUCH' } }])
  })

  it('progress that is damaged', async () => {
    const { stores, storage, take } = setUp()
    stores[0] = stores[1] = [message(1)]
    await take(1)
    await storage.set((await storage.keys('delivery/'))[0]!, '{"reached":')
    await expect(take(1)).rejects.toMatchObject({ code: 'CORRUPT' })
  })

  it('to remember without bound', async () => {
    const { stores, storage, take } = setUp()
    stores[0] = stores[1] = Array.from({ length: 6_000 }, (_, n) => ({
      ...message(995),
      messageHash: hash(n),
    }))
    await take(6_000)
    const { value } = (await storage.get((await storage.keys('delivery/'))[0]!))!
    expect((JSON.parse(value) as { seen: unknown[] }).seen).toHaveLength(5_000)
  })
})
