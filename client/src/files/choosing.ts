import { bytesToHex } from '@noble/hashes/utils.js'
import type { Market } from '../market/market.ts'
import type { Directory, NodeRecord } from '../net/directory.ts'
import { randomBytes } from '../secure/bytes.ts'
import type { FileReference } from './reference.ts'

/** What offers name the price of a chunk's day, and of a chunk that is given. */
const PRICED = { keep: 'blob-day', get: 'blob-get' }

/** Which nodes a file is put at and asked for, and in which order. All throw NetError: UNKNOWN_NODE for a name, NO_NODES if none is known. */
export function createChoice(directory: Directory, market: Pick<Market, 'preference'>) {
  /** Those with these operator ids or peer ids, in this order. */
  async function named(wanted: readonly (string | number)[]): Promise<readonly NodeRecord[]> {
    const found = await Promise.all(wanted.map((node) => directory.candidates('store', node)))
    return [...new Map(found.flat().map((node) => [node.peerId, node])).values()]
  }

  /** For a new file: each has an order of its own, so that no node has all files of a person. */
  async function toPutAt(): Promise<readonly NodeRecord[]> {
    const prefer = await market.preference(PRICED.keep, bytesToHex(randomBytes(32)))
    return prefer(await directory.candidates('store'))
  }

  /** For a file that is kept: those that its reference names first, and of them those that serve best. */
  async function toAsk({ operators, root }: FileReference): Promise<readonly NodeRecord[]> {
    const prefer = await market.preference(PRICED.get, root)
    const all = prefer(await directory.candidates('store'))
    const isNamed = ({ operatorId }: NodeRecord) => operators.includes(operatorId)
    return [...all.filter(isNamed), ...all.filter((node) => !isNamed(node))]
  }

  return { named, toPutAt, toAsk }
}

/** Nodes in the order of the first attempt, so that a later one finds what it stored; new ones last. */
export function inOrder(nodes: readonly NodeRecord[], order: readonly string[]): readonly NodeRecord[] {
  const rank = ({ peerId }: NodeRecord) => (order.includes(peerId) ? order.indexOf(peerId) : order.length)
  return nodes.toSorted((a, b) => rank(a) - rank(b))
}
