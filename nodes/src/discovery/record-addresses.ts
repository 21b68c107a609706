import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import { joinMultiaddrs, splitMultiaddrs, type Enr, type EnrPairs } from '@teahouse/protocol/wire'
import { readAddresses, withoutPeerId } from './addresses.ts'

/** The peer id of the key that signed a record. */
export function peerIdOf({ publicKey }: Pick<Enr, 'publicKey'>): PeerId {
  return peerIdFromPublicKey(publicKeyFromRaw(publicKey))
}

/**
 * The pairs that tell addresses: `ip`, `tcp`, `ip6` and `tcp6` for the first that is plain TCP, `multiaddrs` for the
 * first `most` of the others (31/WAKU2-ENR).
 */
export function addressPairs(addresses: readonly Multiaddr[], most: number): Map<string, Uint8Array> {
  const pairs = new Map<string, Uint8Array>()
  const others: Uint8Array[] = []
  for (const address of addresses.map(withoutPeerId)) {
    const plain = plainTcp(address)
    if (plain && !pairs.has(plain.ip)) {
      const bytes = address.bytes
      const ipBytes = plain.ip === 'ip' ? 4 : 16
      pairs.set(plain.ip, bytes.slice(1, 1 + ipBytes))
      pairs.set(plain.tcp, Uint8Array.of(plain.port >> 8, plain.port & 0xff))
    } else {
      others.push(address.bytes)
    }
  }
  if (Math.min(most, others.length) > 0) pairs.set('multiaddrs', joinMultiaddrs(others.slice(0, most)))
  return pairs
}

/** The addresses of a record, with the peer id of its key; what can't be parsed is left out. */
export function recordAddresses(enr: Enr): Multiaddr[] {
  const { pairs } = enr
  const texts = [
    tcpAddress('ip4', ip4Text(pairs.get('ip')), pairs.get('tcp')),
    tcpAddress('ip6', ip6Text(pairs.get('ip6')), pairs.get('tcp6')),
  ].filter((text) => text !== undefined)
  const others = splitMultiaddrs(multiaddrsOf(pairs))
  return readAddresses([...texts, ...others], peerIdOf(enr))
}

const multiaddrsOf = (pairs: EnrPairs) => pairs.get('multiaddrs') ?? new Uint8Array(0)

function plainTcp(address: Multiaddr) {
  const [host, tcp, ...rest] = address.getComponents()
  if (rest.length > 0 || tcp?.name !== 'tcp') return undefined
  const port = Number(tcp.value)
  if (host?.name === 'ip4') return { ip: 'ip', tcp: 'tcp', port }
  return host?.name === 'ip6' ? { ip: 'ip6', tcp: 'tcp6', port } : undefined
}

function tcpAddress(kind: 'ip4' | 'ip6', ip: string | undefined, port: Uint8Array | undefined) {
  if (ip === undefined || port?.length !== 2) return undefined
  return `/${kind}/${ip}/tcp/${(port[0]! << 8) | port[1]!}`
}

const ip4Text = (bytes: Uint8Array | undefined) => (bytes?.length === 4 ? bytes.join('.') : undefined)

function ip6Text(bytes: Uint8Array | undefined): string | undefined {
  if (bytes?.length !== 16) return undefined
  return Array.from({ length: 8 }, (_, at) => ((bytes[2 * at]! << 8) | bytes[2 * at + 1]!).toString(16)).join(
    ':',
  )
}
