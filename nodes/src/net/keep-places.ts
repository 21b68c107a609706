import { peerIdFromString } from '@libp2p/peer-id'
import { gossipPeers } from './gossip.ts'
import type { Net } from './host.ts'

/** Keeps the places of registered operators, of gossip's mesh and of whom this node relays for when room has to be made. */
export function keepPlaces(
  net: Net,
  { topics, isOperator }: { topics: readonly string[]; isOperator: (peerId: string) => boolean },
): void {
  const { room, pubsub, relay } = net.services
  const { meshOf } = gossipPeers(pubsub)
  room.keep(isOperator)
  room.keep((peerId) => relay?.reservations.has(peerIdFromString(peerId)) ?? false)
  room.keep((peerId) => topics.some((topic) => meshOf(topic).includes(peerId)))
}
