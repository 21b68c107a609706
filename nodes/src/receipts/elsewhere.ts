import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import {
  BLOB_STATUS,
  decodeBlobAnswer,
  encodeBlobRequest,
  MAX_BLOB_ANSWER_BYTES,
  MAX_BLOB_BYTES,
} from '@teahouse/protocol/blob'
import { contentTree } from '@teahouse/protocol/receipts'
import { PROTOCOLS, request } from '@teahouse/protocol/wire'
import type { Logger } from 'pino'
import type { Hex } from 'viem'
import type { BlobStore } from '../blob/index.ts'
import type { Net } from '../net/index.ts'

/** The node of a registered operator, which may have content that a court asks for. */
export interface Holder {
  readonly operatorId: number
  readonly peerId: PeerId
  readonly addresses: readonly Multiaddr[]
}

export interface ElsewhereDeps {
  readonly net: Pick<Net, 'dial' | 'getConnections' | 'hangUp' | 'peerId' | 'status'>
  /** Asked when something is looked for, once the host runs. */
  readonly holders: () => readonly Holder[]
  readonly store: Pick<BlobStore, 'reserve' | 'keep'>
  readonly signal: AbortSignal
  readonly log: Logger
}

export interface Wanted {
  /** By `contentTree`; nothing else is taken. */
  readonly root: Hex
  /** Bytes. */
  readonly size: bigint
  /** Who promised to keep it, and is asked first. */
  readonly operator: number
  /** Unix seconds until which it may be needed. */
  readonly until: number
}

/** Fetches from other nodes, by `/teahouse/blob/1`, what this one has to show a court and has not. */
export interface Elsewhere {
  /**
   * Asks some nodes more, unless that is under way; what one gave is in the own store then. To be called again while it is missing: all are
   * asked in turn. Nothing is paid.
   */
  look(wanted: Wanted): void
  /** Resolves when nothing is under way. */
  idle(): Promise<void>
}

/** Nodes asked in one look. */
const ASKED = 8
/** Contents looked for at a time. */
const AT_ONCE = 8
const TIMEOUT_MS = 8_000

export function elsewhere({ net, holders, store, signal, log }: ElsewhereDeps): Elsewhere {
  const underWay = new Map<Hex, Promise<void>>()
  /** Peers that were asked for a content and have not given it. */
  const asked = new Map<Hex, Set<string>>()

  const isConnected = ({ peerId }: Holder) => net.getConnections(peerId).length > 0

  /** Who is to be asked next: who promised it, then those that are connected. When all were asked, all again. */
  function nextOf({ root, operator }: Wanted): Holder[] {
    const others = holders().filter(({ peerId }) => !peerId.equals(net.peerId))
    const before = asked.get(root) ?? new Set()
    const open = others.filter(({ peerId }) => !before.has(peerId.toString()))
    if (open.length <= ASKED) asked.delete(root)
    const rank = (one: Holder) => (one.operatorId === operator ? 0 : isConnected(one) ? 1 : 2)
    return open.sort((a, b) => rank(a) - rank(b)).slice(0, ASKED)
  }

  async function ask(connection: Connection, { root, size }: Wanted, patience: AbortSignal) {
    const stream = await connection.newStream(PROTOCOLS.blob, { signal: patience })
    const options = { maxBytes: MAX_BLOB_ANSWER_BYTES, timeoutMs: TIMEOUT_MS, signal: patience }
    const answer = await request(stream, encodeBlobRequest({ ask: 'get', root }), options)
    const { status, data } = decodeBlobAnswer(answer)
    if (status !== BLOB_STATUS.ok || !data || BigInt(data.length) !== size) return undefined
    return contentTree(data).root === root ? data : undefined
  }

  async function askHolder({ peerId, addresses }: Holder, wanted: Wanted): Promise<Uint8Array | undefined> {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
    const [known] = net.getConnections(peerId)
    const connection = known ?? (await net.dial([...addresses], { signal: patience }))
    try {
      return await ask(connection, wanted, patience)
    } finally {
      if (!known) await net.hangUp(peerId).catch((err: unknown) => log.debug({ err }, 'Could not hang up'))
    }
  }

  async function keep({ root, until }: Wanted, data: Uint8Array): Promise<void> {
    const release = store.reserve(data.length)
    try {
      await store.keep(root, { until }, data)
    } finally {
      release()
    }
  }

  async function lookOnce(wanted: Wanted): Promise<void> {
    const { root } = wanted
    for (const holder of nextOf(wanted)) {
      const peerId = holder.peerId.toString()
      const data = await askHolder(holder, wanted).catch((err: unknown) => {
        log.debug({ err, peerId, root }, 'A node gave no content')
        return undefined
      })
      if (signal.aborted) return
      if (data) {
        await keep(wanted, data)
        asked.delete(root)
        log.info({ peerId, root }, 'Took content from another node, to show it to the court')
        return
      }
      asked.set(root, (asked.get(root) ?? new Set()).add(peerId))
    }
  }

  return {
    look(wanted) {
      const { root, size } = wanted
      if (net.status !== 'started' || signal.aborted || size > BigInt(MAX_BLOB_BYTES)) return
      if (underWay.has(root) || underWay.size >= AT_ONCE) return
      const looking = lookOnce(wanted)
        .catch((err: unknown) => log.error({ err, root }, 'Could not keep content for a court'))
        .finally(() => underWay.delete(root))
      underWay.set(root, looking)
    },
    idle: async () => void (await Promise.all(underWay.values())),
  }
}
