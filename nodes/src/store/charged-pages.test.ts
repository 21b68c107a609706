import { beforeEach, describe, expect, it } from 'vitest'
import type { Charge } from '../net/index.ts'
import { chargedPages } from './charged-pages.ts'
import type { Page, PageRequest } from './criteria.ts'

const PAGE: PageRequest = { cursor: undefined, forward: true, limit: 10, maxBytes: 1_000_000 }

/** Kilobytes that the peer can pay. */
let purse: number
let charged: string[]
beforeEach(() => {
  ;[purse, charged] = [Infinity, []]
})

const charge: Charge = async (_peer, service, units, also = {}) => {
  charged.push([service, units, ...Object.entries(also).flat()].join(' '))
  const kilobytes = service === 'store-kilobyte' ? units : (also['store-kilobyte'] ?? 0)
  if (kilobytes > purse) return { ok: false, description: 'see offer' }
  purse -= kilobytes
  return { ok: true }
}

/** Ten messages of 600 bytes, or of another size. */
const stored =
  (size = 600) =>
  async ({ limit, maxBytes }: PageRequest): Promise<Page> => {
    const fit = Math.max(1, Math.min(limit, Math.floor(maxBytes / size)))
    const message = { hash: new Uint8Array(32), timestamp: 1n, pubsubTopic: '', bytes: new Uint8Array(size) }
    return { messages: Array.from({ length: fit }, () => message), cursor: undefined }
  }

const ask = (find = stored(), { includeData = true, maxAnswerBytes = 0 } = {}) =>
  chargedPages({ charge, affordable: () => purse, maxAnswerBytes })('peer', { page: PAGE, includeData }, find)

describe('a page', () => {
  it('costs a query and each kilobyte that is begun', async () => {
    expect((await ask()).messages).toHaveLength(10)
    expect(charged).toEqual(['store-query 1 store-kilobyte 1', 'store-kilobyte 5'])
  })

  it('shows no more than is paid for', async () => {
    purse = 4
    expect((await ask()).messages).toHaveLength(6)
    expect(purse).toBe(0)
  })

  it('shows no more than the node gives at once', async () => {
    expect((await ask(stored(), { maxAnswerBytes: 2_000 })).messages).toHaveLength(3)
  })

  it('of hashes is one kilobyte', async () => {
    purse = 1
    expect((await ask(stored(), { includeData: false })).messages).toHaveLength(10)
    expect(charged).toHaveLength(1)
  })
})

describe('when it must refuse', () => {
  it('a peer that can not pay for one kilobyte, before anything is looked for', async () => {
    purse = 0
    const find = async () => expect.unreachable()
    await expect(ask(find)).rejects.toMatchObject({ detail: { status: 429 } })
  })

  it('to show a first message of more kilobytes than are paid for', async () => {
    purse = 100
    await expect(ask(stored(150_000))).rejects.toMatchObject({ detail: { status: 429 } })
  })
})
