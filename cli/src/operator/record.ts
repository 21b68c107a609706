import type { OperatorRecord } from '@teahouse/client'
import { usage } from '../errors.ts'
import type { NodeConfig } from './folder.ts'
import { say } from '../texts/say.ts'

/** Where nobody can dial to: any port, or every address of the machine. */
const OPEN_ENDED = /\/(tcp|udp)\/0(\/|$)|^\/ip4\/0\.0\.0\.0\/|^\/ip6\/::\//

/** What the node will announce itself, by its configuration. Throws CliError USAGE if that names no address. */
export async function recordOf(config: NodeConfig, peerId: string): Promise<OperatorRecord> {
  const { announce, listen, clusterId, profile, payments } = config
  const named = announce.length > 0 ? announce : listen
  const vague = named.find((address) => OPEN_ENDED.test(address))
  if (vague !== undefined)
    throw usage(
      say`Nobody can dial ${vague}`,
      say`Name in "announce" what others are to dial, such as /dns4/tea.example.org/tcp/30304`,
    )
  const { peerIdBytes, serviceBits } = await import('@teahouse/nodes')
  return {
    peerId: peerIdBytes(peerId),
    multiaddrs: named.map((address) => address.replace(/\/p2p\/[^/]+$/, '')),
    services: serviceBits(profile),
    clusterId,
    priceHint: payments.prices['store-query'] ?? 0n,
  }
}
