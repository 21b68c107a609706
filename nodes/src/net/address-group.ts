import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * The addresses that are easily had together: an IPv4 /24, an IPv6 /48, all that comes over one relay. Whatever has no IP address
 * is one group.
 */
export function addressGroup(address: Multiaddr): string {
  const kind = address.getComponents()[0]?.name
  // The binary form begins with one byte for the kind of address.
  if (kind === 'ip4') return hex(address.bytes.subarray(0, 1 + 3))
  if (kind === 'ip6') return hex(address.bytes.subarray(0, 1 + 6))
  return ''
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
