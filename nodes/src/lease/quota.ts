import { LEASE_STATUS as STATUS } from '@teahouse/protocol/lease'
import { Refusal } from '../net/index.ts'
import type { LeaseConfig } from './config.ts'

/** Who asks: a peer id, the group of its address, and the /32 of an IPv6 address. */
export interface Asker {
  readonly peerId: string
  readonly address: string
  readonly block?: string | undefined
}

interface Epoch {
  /** Lists, those of earlier starts included. */
  total: number
  readonly peers: Map<string, number>
  readonly addresses: Map<string, number>
  readonly blocks: Map<string, number>
}

/** A group of addresses may have this part of the keys that are left. */
const PART = 16
/** Whoever has a /32 has 65,536 groups: it counts as so many. */
const GROUPS_OF_BLOCK = 4

/**
 * How many new keys an epoch may have, in all, from a peer and from a group of addresses: always less than are left, so that the
 * next group finds room. All but the total is forgotten at a restart.
 */
export function keyQuota(
  config: Pick<LeaseConfig, 'keysPerEpoch' | 'keysPerPeer' | 'keysPerAddress'>,
  count: (epoch: bigint) => Promise<number>,
) {
  const epochs = new Map<bigint, Promise<Epoch>>()

  async function load(epoch: bigint): Promise<Epoch> {
    return { total: await count(epoch), peers: new Map(), addresses: new Map(), blocks: new Map() }
  }

  function open(epoch: bigint): Promise<Epoch> {
    const known = epochs.get(epoch)
    if (known) return known
    const loading = load(epoch)
    loading.catch(() => epochs.delete(epoch))
    epochs.set(epoch, loading)
    return loading
  }

  return {
    /** Makes room for one more key, and gives how to give it back. Throws Refusal 429. */
    async take(epoch: bigint, { peerId, address, block }: Asker): Promise<() => void> {
      const state = await open(epoch)
      const { peers, addresses, blocks } = state
      const left = config.keysPerEpoch - state.total
      const share = Math.min(config.keysPerAddress, Math.ceil(left / PART))
      if (left <= 0) throw full('this epoch has as many keys as the node keeps')
      if (used(peers, peerId) >= config.keysPerPeer) throw full('too many keys of this peer')
      if (used(addresses, address) >= share || used(blocks, block) >= GROUPS_OF_BLOCK * share)
        throw full('too many keys of this address')
      const add = (by: number) => {
        state.total += by
        peers.set(peerId, used(peers, peerId) + by)
        addresses.set(address, used(addresses, address) + by)
        if (block !== undefined) blocks.set(block, used(blocks, block) + by)
      }
      add(1)
      return () => add(-1)
    },
    prune(before: bigint): void {
      for (const epoch of epochs.keys()) if (epoch < before) epochs.delete(epoch)
    },
  }
}

const used = (keys: ReadonlyMap<string, number>, of = ''): number => keys.get(of) ?? 0
const full = (what: string) => new Refusal(STATUS.tooManyRequests, `TOO_MANY_REQUESTS: ${what}`)
