import { z } from 'zod'
import { say, type Said } from '../texts/say.ts'
import { bad, good, unknown, type Check, type CheckDeps } from './check.ts'

const Connected = z.array(
  z.object({ multiaddr: z.string(), origin: z.string(), knownFrom: z.array(z.string()) }),
)

const DialledBack = z.array(
  z.object({
    peerId: z.string(),
    addresses: z.array(z.object({ multiaddr: z.string(), result: z.string() })),
  }),
)
/** That those who are asked have to dial, and to answer. */
const DIAL_BACK_MS = 20_000

/** Other nodes dial this one; and whoever opened a connection to it has reached it. */
export async function reachability({ api, isUp, config }: CheckDeps): Promise<Check> {
  if (!isUp) return unknown('reachable', say`the node is down`, say`Start it, and run this again.`)
  const told = config.announce.length > 0 ? config.announce : config.listen
  const asked = await api.ask('/admin/v1/reachability', { method: 'POST' }, DIAL_BACK_MS)
  const dialled = (DialledBack.safeParse(asked).data ?? []).flatMap(({ peerId, addresses }) =>
    addresses.map((address) => ({ ...address, peerId })),
  )
  const reached = dialled.find(({ result }) => result === 'reached')
  if (reached) return good('reachable', say`${reached.peerId} dialled ${reached.multiaddr}`)
  const connected = Connected.safeParse(await api.ask('/admin/v1/peers/connected')).data ?? []
  const inbound = connected.filter(({ origin }) => origin === 'inbound')
  const [from] = inbound.filter(({ knownFrom }) => knownFrom.includes('registry')).concat(inbound)
  const failed = dialled.find(({ result }) => result === 'failed')
  if (failed && !from)
    return bad('reachable', say`${failed.peerId} could not dial ${failed.multiaddr}`, toBeReached(told))
  if (from)
    return good(
      'reachable',
      say`${inbound.length} of ${connected.length} peers came by themselves, such as ${from.multiaddr.split('/p2p/')[1]!}`,
    )
  const found =
    connected.length > 0
      ? say`the node opened all its ${connected.length} connections itself`
      : say`no peers yet`
  return unknown('reachable', found, toBeReached(told))
}

const toBeReached = (told: readonly string[]): Said =>
  say`Others are told ${told.join(', ')}: let these ports through the firewall and the router, or listen on a relay (docs/networking.md).`
