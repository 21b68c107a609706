import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import type { Account } from '../account/account.ts'
import { QueryError } from '../messaging/errors.ts'
import { NetError } from '../net/errors.ts'
import type { NodeRecord } from '../net/directory.ts'
import { PayError } from '../payments/errors.ts'
import { priceOf, type NodeOffer } from '../payments/offers.ts'
import { loadedLater } from '../loaded-later.ts'
import type { KeyValueStore } from '../storage/store.ts'
import type { Outcome, ServiceHistory } from './record.ts'
import { createRecords } from './records.ts'
import { spreadBy, type Preference, type Weigh } from './spread.ts'
import { weights } from './weight.ts'

export interface MarketDeps {
  readonly account: Pick<Account, 'address' | 'eth' | 'storageKey'>
  readonly storage: KeyValueStore
  readonly scope: string
  /** Names chain and contracts, for those who exchange records. */
  readonly network: string
  /** The offer that is known of a node, without asking for it. */
  readonly knownOffer: (node: NodeRecord) => NodeOffer | undefined
  readonly now: () => number
}

/** A node as the market sees it, for people to compare. */
export interface Weighed {
  readonly node: NodeRecord
  /** In the token's smallest unit, by its offer if that is known, else as announced on chain. */
  readonly price: bigint
  readonly history?: ServiceHistory | undefined
  /** Its part of what is asked, from 0 to 1. */
  readonly share: number
}

/** Every key of somebody else's records starts with it. */
const SHARED = 'market-shared/'

export type Market = ReturnType<typeof createMarket>

/** Which nodes to ask: who serves well, fast and cheaply gets most, nobody gets all, and who breaks its word loses it. */
export function createMarket(deps: MarketDeps) {
  const { account, storage, scope, knownOffer, now } = deps
  const records = createRecords(storage, scope, now)
  const prefix = `${SHARED}${scope}/`
  const shared = loadedLater(async () => {
    const { sharedRecords } = await import('./shared-records.ts')
    return sharedRecords({ ...deps, prefix, records })
  })
  const secret = hmac(sha256, account.storageKey, utf8ToBytes('teahouse/spread/1'))
  let histories: ReadonlyMap<number, ServiceHistory> = new Map()
  let hearsay: Awaited<ReturnType<typeof shared.hearsay>> = new Map()
  let opened: Promise<void> | undefined

  async function load(): Promise<void> {
    const isHeard = (await storage.keys(prefix)).length > 0
    ;[histories, hearsay] = await Promise.all([records.all(), isHeard ? shared.hearsay() : hearsay])
  }
  /** What is remembered is read once, before the first choice. It is advice: what can't be read now is read before a later one. */
  const open = () => (opened ??= load().catch(() => void (opened = undefined)))

  const pricedAt = (node: NodeRecord, service: string): bigint => {
    const offer = knownOffer(node)
    return offer ? priceOf(offer, service) : (node.priceHint ?? 0n)
  }

  function weighAll(nodes: readonly NodeRecord[], service: string): number[] {
    const known = nodes.map((node) => ({
      node,
      price: pricedAt(node, service),
      history: histories.get(node.operatorId),
      hearsay: hearsay.get(node.operatorId),
    }))
    return weights(known, now() / 1000)
  }

  const weighFor =
    (service: string): Weigh =>
    (nodes) => {
      const all = new Map(weighAll(nodes, service).map((weight, at) => [nodes[at]!.peerId, weight]))
      return ({ peerId }) => all.get(peerId) ?? 0
    }

  async function note(node: NodeRecord, outcome: Outcome): Promise<void> {
    await open()
    await records.note(node.operatorId, outcome).catch(() => undefined) // no reason for an answer to fail
  }

  return {
    open,
    /** How nodes are weighed for a service; `open` has to have ended. */
    weighFor,
    /** The usual order for a service and a topic. */
    async preference(service: string, topic: string): Promise<Preference> {
      await open()
      return spreadBy(secret, weighFor(service))(`${service}\n${topic}`)
    },
    /** Does something with a node, and remembers how it went. */
    async watch<T>(node: NodeRecord, task: () => Promise<T>): Promise<T> {
      const began = performance.now()
      try {
        const result = await task()
        await note(node, { kind: 'served', latencyMs: performance.now() - began })
        return result
      } catch (error) {
        const kind = blameOf(error)
        if (kind) await note(node, { kind })
        throw error
      }
    },
    /** A node did not show what another has. */
    withheld: (node: NodeRecord): Promise<void> => note(node, { kind: 'broken' }),
    /** The nodes with their prices, histories and shares, the greatest first. */
    async compare(nodes: readonly NodeRecord[], service: string): Promise<Weighed[]> {
      await open()
      const all = weighAll(nodes, service)
      const sum = all.reduce((total, weight) => total + weight, 0)
      const found = nodes.map((node, at) => ({
        node,
        price: pricedAt(node, service),
        history: histories.get(node.operatorId),
        share: all[at]! / sum,
      }))
      return found.sort((a, b) => b.share - a.share)
    },
    exportRecords: (): Promise<string> => shared.export(),
    async importRecords(text: string) {
      const sender = await shared.import(text)
      opened = undefined
      await open()
      return sender
    },
    /** Writes what is not written yet. */
    flush: records.flush,
  }
}

/** What of an offer, a voucher or an answer only a node can get wrong that doesn't keep its word. */
const BROKEN_PAY: ReadonlySet<string> = new Set([
  'BAD_OFFER',
  'STILL_UNPAID',
  'VOUCHER_REFUSED',
  'VOUCHERS_LOST',
])
const BROKEN_QUERY: ReadonlySet<string> = new Set(['BAD_PAGE', 'TOO_MUCH'])
/** What makes a node none to go to: too dear, or not there. */
const FAILED_PAY: ReadonlySet<string> = new Set(['NO_OFFER', 'TOO_EXPENSIVE'])

/** What an error says of a node; undefined if it is not its fault. */
function blameOf(error: unknown): 'failed' | 'broken' | undefined {
  if (error instanceof NetError) return 'failed'
  if (error instanceof PayError && BROKEN_PAY.has(error.code)) return 'broken'
  if (error instanceof PayError && FAILED_PAY.has(error.code)) return 'failed'
  if (error instanceof QueryError && BROKEN_QUERY.has(error.code)) return 'broken'
  return undefined
}
