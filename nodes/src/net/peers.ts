import type { PeerId } from '@libp2p/interface'
import type { Net } from './host.ts'

/** The peers that are connected, each once. libp2p's own `getPeers` decodes every peer's public key anew at each call. */
export function connectedPeers(net: Pick<Net, 'getConnections'>): PeerId[] {
  return [...new Map(net.getConnections().map(({ remotePeer: peer }) => [peer.toString(), peer])).values()]
}
