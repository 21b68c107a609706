import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { isPrivate } from '@libp2p/utils'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'

const HOSTS = new Set(['ip4', 'ip6', 'dns', 'dns4', 'dns6', 'dnsaddr'])

/** Addresses from outside: those that can't be parsed, or that end in another peer, are left out. */
export function readAddresses(texts: readonly (string | Uint8Array)[], peerId: PeerId): Multiaddr[] {
  return texts.flatMap((text) => {
    try {
      const address = multiaddr(text)
      const last = address.getComponents().at(-1)
      const named = last?.name === 'p2p' ? last.value : undefined
      const isOther = named !== undefined && named !== peerId.toString()
      if (isOther || hostOf(address) === undefined) return []
      return [named === undefined ? address.encapsulate(`/p2p/${peerId.toString()}`) : address]
    } catch {
      return []
    }
  })
}

/** Reads an address that ends in the peer id of its node; undefined for anything else. */
export function readPeerAddress(text: string): { peerId: PeerId; addresses: Multiaddr[] } | undefined {
  try {
    const peerId = peerIdFromString(/\/p2p\/([^/]+)$/.exec(text)?.[1] ?? '')
    const addresses = readAddresses([text], peerId)
    return addresses.length === 0 ? undefined : { peerId, addresses }
  } catch {
    return undefined
  }
}

/** The address without the peer id at its end. */
export function withoutPeerId(address: Multiaddr): Multiaddr {
  return multiaddr(address.toString().replace(/\/p2p\/[^/]+$/, ''))
}

/** The IP address or name that an address begins with. */
export function hostOf(address: Multiaddr): string | undefined {
  return address.getComponents().find(({ name }) => HOSTS.has(name))?.value
}

/**
 * The network of an address: the /24 of IPv4, the /48 of IPv6, a name whole. Undefined for private addresses, whose
 * networks say nothing of who owns them.
 */
export function networkOf(address: Multiaddr): string | undefined {
  const host = hostOf(address)
  if (host === undefined || isPrivate(address)) return undefined
  if (/^\d+(\.\d+){3}$/.test(host)) return host.split('.').slice(0, 3).join('.')
  return host.includes(':') ? prefix48(host) : host
}

/** Whether an address may be dialled because a stranger told it. */
export function isPublic(address: Multiaddr): boolean {
  return hostOf(address) !== undefined && !isPrivate(address)
}

/** Whether all addresses to listen on, or to tell, are private; one that stands for all of a machine's is not. */
export function arePrivate(texts: readonly string[]): boolean {
  const standsForAll = (text: string) => /^\/(ip4\/0\.0\.0\.0|ip6\/::)\//.test(text)
  return texts.every((text) => !standsForAll(text) && isPrivate(multiaddr(text)))
}

function prefix48(ip6: string): string {
  const [head = '', tail] = ip6.split('::')
  const parts = head.split(':').filter((part) => part !== '')
  const zeros = tail === undefined ? [] : ['0', '0', '0']
  return [...parts, ...zeros]
    .slice(0, 3)
    .map((part) => Number.parseInt(part, 16).toString(16))
    .join(':')
}
