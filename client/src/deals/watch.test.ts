import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { DealView } from './payout.ts'
import { NOW, OFFERS } from './testing/deals.ts'
import { watchDeal, type DealEvent } from './watch.ts'

const { terms, deal } = OFFERS[1]!
const END = terms.deliverBy + terms.disputeWindow
const FUNDED: DealView = { state: 'funded', byPayee: false, endsAt: 0, left: terms.amount }

let view: DealView
let fails: boolean
let reads: number
let events: DealEvent[]

const seconds = () => Math.floor(Date.now() / 1_000)
const kinds = () => events.map(({ kind }) => kind)

function watch(options: Partial<Parameters<typeof watchDeal>[2]> = {}) {
  const read = async () => {
    reads++
    if (fails) throw new Error('no answer')
    return { terms, view, at: seconds() }
  }
  return watchDeal({ read, now: Date.now }, deal, { onEvent: (event) => void events.push(event), ...options })
}

beforeEach(() => {
  vi.useFakeTimers({ now: NOW * 1_000 })
  ;[view, fails, reads, events] = [FUNDED, false, 0, []]
})
afterEach(() => {
  vi.useRealTimers()
})

describe('watching a deal', () => {
  it('tells how it stands, and each change once', async () => {
    const { stop } = watch()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(kinds()).toEqual(['state'])
    view = { ...FUNDED, state: 'disputed', endsAt: NOW + 5_000 }
    await vi.advanceTimersByTimeAsync(15_000)
    expect(events.at(-1)).toMatchObject({ kind: 'state', deal, now: { state: 'disputed' } })
    expect(events).toHaveLength(2)
    stop()
  })

  it('wakes whom it concerns before a deadline, once for each warning', async () => {
    const { stop } = watch({ pollMs: 10_000_000 })
    await vi.advanceTimersByTimeAsync((END - NOW) * 1_000)
    const woken = events.filter((event) => event.kind === 'deadline')
    expect(woken.map(({ left }) => left)).toEqual([3_600, 600, 60])
    for (const { who, at } of woken) expect([who, at]).toEqual([['payer', 'payee'], END])
    stop()
  })

  it('tells when its time has run out, and ends when it is closed', async () => {
    watch({ pollMs: 10_000_000 })
    await vi.advanceTimersByTimeAsync((END - NOW + 2) * 1_000)
    expect(events.at(-1)).toMatchObject({ kind: 'state', now: { overdue: true } })
    view = { ...FUNDED, state: 'closed', left: 0n }
    await vi.advanceTimersByTimeAsync(10_000_000)
    expect(events.at(-1)).toMatchObject({ kind: 'state', now: { state: 'closed' } })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('goes on when the chain is away, or who listens throws', async () => {
    fails = true
    const { stop } = watch({
      onEvent(event) {
        events.push(event)
        throw new Error('of the listener')
      },
    })
    await vi.advanceTimersByTimeAsync(15_000)
    fails = false
    await vi.advanceTimersByTimeAsync(15_000)
    expect(kinds()).toEqual(['trouble', 'trouble', 'state'])
    stop()
  })

  it('ends with its signal, also before it began', async () => {
    const [now, later] = [AbortSignal.abort(), new AbortController()]
    watch({ signal: now })
    watch({ signal: later.signal })
    await vi.advanceTimersByTimeAsync(0)
    expect(reads).toBe(1)
    later.abort()
    await vi.advanceTimersByTimeAsync(60_000)
    expect([reads, vi.getTimerCount()]).toEqual([1, 0])
  })
})
