import { peerIdFromString } from '@libp2p/peer-id'
import { z } from 'zod'
import { readJsonList, writeSecretFile } from '../files.ts'
import { readAddresses } from './addresses.ts'
import type { Candidate } from './candidates.ts'

/** Peers that are kept; the one seen longest ago goes first. */
const MAX_PEERS = 100

const Entry = z.strictObject({
  peerId: z.string().min(1),
  /** Where it was reached. */
  addresses: z.array(z.string()),
  /** Milliseconds since 1970. */
  seenMs: z.int(),
})
type Entry = z.output<typeof Entry>

/** The nodes that were reached last: enough to come back when no other source is left. */
export interface KnownPeers {
  list(): Candidate[]
  /** Notes that a node was reached at an address. On disk after {@link save}. */
  seen(peerId: string, address: string): void
  /** Writes what changed. */
  save(): Promise<void>
}

/** Opens the list in a JSON file, which need not be there. @throws DataError. */
export async function openKnownPeers(path: string, now: () => number = Date.now): Promise<KnownPeers> {
  const peers = new Map((await readJsonList(path, Entry, 'peers')).map((entry) => [entry.peerId, entry]))
  let isDirty = false

  return {
    list: () =>
      [...peers.values()].flatMap(({ peerId: text, addresses }) => {
        const peerId = readPeerId(text)
        return peerId === undefined ? [] : [{ peerId, addresses: readAddresses(addresses, peerId) }]
      }),
    seen(peerId, address) {
      // The one seen last is last.
      peers.delete(peerId)
      peers.set(peerId, { peerId, addresses: [address], seenMs: now() })
      if (peers.size > MAX_PEERS) peers.delete(peers.keys().next().value!)
      isDirty = true
    },
    async save() {
      if (!isDirty) return
      isDirty = false
      try {
        await writeSecretFile(path, `${JSON.stringify([...peers.values()])}\n`)
      } catch (err) {
        isDirty = true
        throw err
      }
    },
  }
}

function readPeerId(text: string) {
  try {
    return peerIdFromString(text)
  } catch {
    return undefined
  }
}
