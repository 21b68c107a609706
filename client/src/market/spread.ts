import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import type { NodeRecord } from '../net/directory.ts'

/** The order in which to try nodes; which are left out are not tried. */
export type Preference = (nodes: readonly NodeRecord[]) => readonly NodeRecord[]

/** How much of what is asked a node is to get, above 0; only the proportions count. */
export type Weigh = (nodes: readonly NodeRecord[]) => (node: NodeRecord) => number

const alike: Weigh = () => () => 1

/**
 * Always the same nodes for a topic, and others for another: so none of them sees all topics of a device, also not over
 * time. A node that is away is passed over. Of all topics a node is the first for as many as its weight says (weighted
 * rendezvous hashing, https://www.snia.org/sites/default/files/SDC15_presentations/dist_sys/Jason_Resch_New_Consistent_Hashings_Rev.pdf);
 * when a weight changes, only topics that go to or from that node move. `secret` has 32 bytes.
 */
export function spreadBy(secret: Uint8Array, weigh: Weigh = alike): (topic: string) => Preference {
  return (topic) => (nodes) => {
    const weightOf = weigh(nodes)
    const rankOf = (node: NodeRecord) =>
      -weightOf(node) / Math.log(chance(secret, `${topic}\n${node.peerId}`))
    const ranked = nodes.map((node) => ({ node, rank: rankOf(node) }))
    return ranked.sort((a, b) => b.rank - a.rank).map(({ node }) => node)
  }
}

/** Between 0 and 1, without either: always the same for the same text. */
function chance(secret: Uint8Array, text: string): number {
  const hash = hmac(sha256, secret, utf8ToBytes(text))
  const high = new DataView(hash.buffer, hash.byteOffset).getUint32(0)
  const low = new DataView(hash.buffer, hash.byteOffset).getUint32(4)
  return ((high * 2 ** 20 + (low >>> 12)) * 2 + 1) / 2 ** 53
}
