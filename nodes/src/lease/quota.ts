import { LEASE_STATUS as STATUS } from '@teahouse/protocol/lease'
import { Refusal } from '../net/index.ts'
import type { LeaseConfig } from './config.ts'

/** Who asks: a peer id, and the group of its address. */
export interface Asker {
  readonly peerId: string
  readonly address: string
}

interface Epoch {
  /** Lists, those of earlier starts included. */
  total: number
  readonly peers: Map<string, number>
  readonly addresses: Map<string, number>
}

/** How many new keys an epoch may have, in all, from a peer and from a group of addresses. The latter two are forgotten at a restart. */
export function keyQuota(
  config: Pick<LeaseConfig, 'keysPerEpoch' | 'keysPerPeer' | 'keysPerAddress'>,
  count: (epoch: bigint) => Promise<number>,
) {
  const epochs = new Map<bigint, Promise<Epoch>>()

  async function load(epoch: bigint): Promise<Epoch> {
    return { total: await count(epoch), peers: new Map(), addresses: new Map() }
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
    async take(epoch: bigint, { peerId, address }: Asker): Promise<() => void> {
      const state = await open(epoch)
      const { peers, addresses } = state
      if (state.total >= config.keysPerEpoch) throw full('this epoch has as many keys as the node keeps')
      if ((peers.get(peerId) ?? 0) >= config.keysPerPeer) throw full('too many keys of this peer')
      if ((addresses.get(address) ?? 0) >= config.keysPerAddress) throw full('too many keys of this address')
      const add = (by: number) => {
        state.total += by
        peers.set(peerId, (peers.get(peerId) ?? 0) + by)
        addresses.set(address, (addresses.get(address) ?? 0) + by)
      }
      add(1)
      return () => add(-1)
    },
    prune(before: bigint): void {
      for (const epoch of epochs.keys()) if (epoch < before) epochs.delete(epoch)
    },
  }
}

const full = (what: string) => new Refusal(STATUS.tooManyRequests, `TOO_MANY_REQUESTS: ${what}`)
