import { setTimeout as sleep } from 'node:timers/promises'
import type { PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { PROTOCOLS } from '@teahouse/protocol/wire'
import type { Logger } from 'pino'
import { connectedPeers, type Net } from '../net/index.ts'
import type { SyncConfig } from './config.ts'
import type { SyncMark } from './mark.ts'
import type { Sync } from './sync.ts'
import { windowOf, type WindowDeps } from './window.ts'

export interface ScheduleDeps extends WindowDeps {
  readonly net: Net
  readonly sync: Pick<Sync, 'syncWith' | 'isAvoided'>
  readonly mark: SyncMark
  readonly isAllowed: (peerId: string) => boolean
  /** False while messages can't be validated yet. */
  readonly isReady: () => boolean
  readonly log: Logger
}

/** Milliseconds between two looks for a peer, as long as there is none. */
const LOOK_AGAIN_MS = 1_000
/** Milliseconds after a sync that failed. */
const TRY_AGAIN_MS = 15_000
const DIAL_TIMEOUT_MS = 5_000
/** Sessions in a row with one peer, as long as each brings something: a session is bounded, a gap need not be. */
const MAX_SESSIONS = 100

/** Syncs at the start, with some peers over all that may be missing, and then from time to time with a random one. */
export interface Schedule {
  start(): void
  stop(): Promise<void>
}

export function scheduleSync(config: SyncConfig, deps: ScheduleDeps): Schedule {
  const { net, sync, mark, isAllowed, isReady, log } = deps
  const abort = new AbortController()
  // What may be missing since before the start; the mark moves on with the first peer, the others are asked for all of it.
  const missingSince = mark.until
  const askedForAll = new Set<string>()
  let loop: Promise<void> | undefined

  async function dialConfigured(): Promise<void> {
    const addresses = config.peers.map((address) => multiaddr(address))
    const far = addresses.filter((address) => {
      const peerId = address.getComponents().findLast(({ name }) => name === 'p2p')?.value
      return !connectedPeers(net).some((peer) => peer.toString() === peerId)
    })
    const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(DIAL_TIMEOUT_MS)])
    await Promise.all(
      far.map((address) =>
        net
          .dial(address, { signal })
          .catch((err: unknown) => log.debug({ err }, 'Could not reach a peer to sync with')),
      ),
    )
  }

  async function candidates(): Promise<PeerId[]> {
    const speaking: PeerId[] = []
    for (const peerId of connectedPeers(net)) {
      if (!isAllowed(peerId.toString()) || sync.isAvoided(peerId.toString())) continue
      const known = await net.peerStore.get(peerId).catch(() => undefined)
      if (known?.protocols.includes(PROTOCOLS.reconciliation)) speaking.push(peerId)
    }
    return shuffled(speaking)
  }

  /** Sessions with one peer until nothing more comes. False if it failed. */
  async function catchUp(peerId: PeerId, since: bigint | undefined): Promise<boolean> {
    const window = await windowOf(config, since, deps)
    try {
      for (let session = 0; session < MAX_SESSIONS; session++) {
        const counts = await sync.syncWith(peerId, window)
        log.debug({ peerId: peerId.toString(), ...counts }, 'Synced with a peer')
        if (counts.kept === 0) break
      }
      await mark.save(window.until)
      return true
    } catch (err) {
      log.debug({ err, peerId: peerId.toString() }, 'Did not finish a sync')
      return false
    }
  }

  async function round(): Promise<'done' | 'failed' | 'nobody'> {
    await dialConfigured()
    const peers = await candidates()
    const [any] = peers
    if (!any) return 'nobody'
    const fresh = peers.filter((peerId) => !askedForAll.has(peerId.toString()))
    const due = fresh.slice(0, config.peersAtStart - askedForAll.size)
    if (due.length === 0) return (await catchUp(any, mark.until)) ? 'done' : 'failed'
    const before = askedForAll.size
    for (const peerId of due) if (await catchUp(peerId, missingSince)) askedForAll.add(peerId.toString())
    return askedForAll.size > before ? 'done' : 'failed'
  }

  async function run(): Promise<void> {
    const pauses = { done: config.everySeconds * 1_000, failed: TRY_AGAIN_MS, nobody: LOOK_AGAIN_MS }
    while (!abort.signal.aborted) {
      const result = isReady()
        ? await round().catch((err: unknown) => {
            log.warn({ err }, 'Could not sync; trying again')
            return 'failed' as const
          })
        : 'nobody'
      await sleep(pauses[result], undefined, { signal: abort.signal }).catch(() => undefined)
    }
  }

  return {
    start: () => void (loop ??= run()),
    async stop() {
      abort.abort()
      await loop
    },
  }
}

function shuffled<T>(all: readonly T[]): T[] {
  return all
    .map((one) => ({ one, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one)
}
