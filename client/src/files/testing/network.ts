import { decodeBlobRequest, encodeBlobAnswer, type SignedReceipt } from '@teahouse/protocol/blob'
import { unpaidText } from '@teahouse/protocol/payments'
import { contentTree, receiptId, signReceipt } from '@teahouse/protocol/receipts'
import { type Address, type Hex, numberToHex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { createAccount } from '../../account/account.ts'
import { createMarket } from '../../market/market.ts'
import type { Directory, NodeRecord } from '../../net/directory.ts'
import { NetError } from '../../net/errors.ts'
import type { Peer } from '../../net/peer.ts'
import type { Till } from '../../payments/till.ts'
import { memoryStore, type KeyValueStore } from '../../storage/store.ts'
import { createFiles } from '../files.ts'

export const NOW_MS = 1_800_000_000_000
const COURT = { court: numberToHex(5, { size: 20 }), chainId: 31_337 }
export const MAX_TERM = 30 * 86_400
const ACCOUNT = createAccount()

/** A node that speaks the protocol over memory. */
function node(operatorId: number) {
  const key = privateKeyToAccount(generatePrivateKey())
  const kept = new Map<Hex, { data: Uint8Array; until: number }>()
  const record: NodeRecord = {
    ...{ operatorId, node: key.address, payee: key.address, peerId: `peer${operatorId}`, multiaddrs: [] },
    ...{ services: ['store'], staked: 1n, priceHint: 1n },
  }
  const state = {
    record,
    kept,
    puts: 0,
    credit: Infinity,
    failAfter: Infinity,
    answers: 0,
    /** How many requests to keep something it puts off. */
    busy: 0,
    forge: false,
    lie: false,
    from: NOW_MS / 1_000,
  }

  async function receiptFor(client: Address, root: Hex, size: number, until: number): Promise<SignedReceipt> {
    const receipt = {
      operator: operatorId,
      client,
      root,
      size: BigInt(size),
      from: state.from,
      until: Math.min(until, state.from + MAX_TERM),
      liability: 9n,
      slot: 0,
    }
    const signer = state.forge ? privateKeyToAccount(generatePrivateKey()) : key
    return { receipt, signature: await signReceipt(signer, COURT.court, COURT.chainId, receipt) }
  }

  async function answer(bytes: Uint8Array): Promise<Uint8Array> {
    if (++state.answers > state.failAfter)
      throw new NetError('gone', { code: 'UNREACHABLE', peerId: record.peerId })
    const { question } = decodeBlobRequest(bytes)
    const done = { status: 200, description: 'OK' }
    if (question.ask === 'stat')
      return encodeBlobAnswer({ ...done, ends: question.roots.map((root) => kept.get(root)?.until ?? 0) })
    if (question.ask === 'get') {
      const data = kept.get(question.root)?.data
      if (!data) return encodeBlobAnswer({ status: 404, description: 'NOT_FOUND' })
      return encodeBlobAnswer({ ...done, data: state.lie ? data.map((byte) => byte ^ 1) : data })
    }
    if (state.busy > 0) {
      state.busy -= 1
      return encodeBlobAnswer({ status: 503, description: 'BUSY: try again' })
    }
    const root = question.ask === 'put' ? contentTree(question.data).root : question.root
    const old = kept.get(root)
    const data = question.ask === 'put' ? question.data : old?.data
    if (!data) return encodeBlobAnswer({ status: 404, description: 'NOT_FOUND' })
    if (question.until > (old?.until ?? 0)) {
      if (state.credit < 1)
        return encodeBlobAnswer({
          status: 429,
          description: `TOO_MANY_REQUESTS: ${unpaidText(['blob-day'], 1n, '0x01')}`,
        })
      state.credit -= 1
      state.puts += 1
      kept.set(root, { data, until: question.until })
    }
    const { until } = kept.get(root)!
    const { client } = question
    const receipt = client && (await receiptFor(client, root, data.length, until))
    return encodeBlobAnswer({ ...done, until, ...(receipt && { receipt }) })
  }
  return Object.assign(state, { answer })
}

/** Nodes that keep chunks in memory, and files over them; the time is `clock`'s, or goes on when told to. */
export function network(count: number, clock?: () => number) {
  const nodes = Array.from({ length: count }, (_, at) => node(at + 1))
  const storage = memoryStore()
  const bought: [number, Record<string, number>][] = []
  const directory = {
    candidates: async (_: string, wanted?: string | number) =>
      nodes
        .map(({ record }) => record)
        .filter(({ operatorId }) => wanted === undefined || operatorId === wanted),
  } as Directory
  const peer = {
    request: (to: { peerId: string }, _: string, bytes: Uint8Array) =>
      nodes.find(({ record }) => record.peerId === to.peerId)!.answer(bytes),
  } as unknown as Peer
  const till = {
    openQuota: async () => false,
    buy: async ({ operatorId }: NodeRecord, order: Record<string, number>) => {
      bought.push([operatorId, order])
      nodes[operatorId - 1]!.credit += (order['blob-day'] ?? 0) / 7
    },
  } as unknown as Till
  const receipts: SignedReceipt[] = []
  /** When notices end promises, by operator. */
  const notices = new Map<number, number>()
  const endOf = async (id: Hex) => {
    const { receipt } = receipts.find((one) => receiptId(one.receipt) === id)!
    return notices.get(receipt.operator) ?? 0
  }
  let nowMs = NOW_MS
  const market = createMarket({
    ...{ account: ACCOUNT, storage: memoryStore(), scope: 'test', network: 'test' },
    knownOffer: () => undefined,
    now: () => nowMs,
  })
  const open = (on: KeyValueStore = storage) =>
    createFiles({
      ...{ account: ACCOUNT, court: COURT, directory, peer, till, market, storage: on, scope: 'test' },
      maxTerm: async () => MAX_TERM,
      keepReceipt: async (signed) => void receipts.push(signed),
      receiptsKept: async () => receipts,
      endOf,
      busyMs: 1,
      now: clock ?? (() => nowMs),
    })
  const records = nodes.map(({ record }) => record)
  const shares = async () =>
    new Map(
      (await market.compare(records, 'blob-day')).map(({ node, share }) => [node.operatorId, share] as const),
    )
  return {
    nodes,
    bought,
    open,
    storage,
    receipts,
    notices,
    shares,
    pass: (days: number) => void (nowMs += days * 86_400_000),
  }
}
