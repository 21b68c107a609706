import type { PeerId } from '@libp2p/interface'
import { createLog } from '../../log.ts'
import type { Net } from '../../net/index.ts'
import { testHost, TOPICS } from '../../net/test-hosts.ts'
import type { ValidatePast } from '../../rln/past-validator.ts'
import type { Archive } from '../../store/index.ts'
import { testArchive, type TestArchive } from '../../store/testing/archives.ts'
import { SyncConfig } from '../config.ts'
import { createSync, type Sync } from '../sync.ts'

/** A host, an archive, and what syncs it. */
export interface Side {
  readonly net: Net
  readonly archive: TestArchive
  readonly sync: Sync
  /** Lines of its log. */
  readonly lines: string[]
  readonly peerId: PeerId
}

export interface SideOptions {
  readonly config?: Partial<SyncConfig>
  /** Accepts everything without it. */
  readonly validate?: ValidatePast
  /** Changes what the sync sees of the archive. */
  readonly wrap?: (archive: Archive) => Archive
}

const acceptAll: ValidatePast = async () => ({ result: 'accept', code: 'OK' })

/** Hosts over loopback that sync with each other, and with whom else is allowed. */
export interface Sides {
  readonly allowed: Set<string>
  /** Adds one that is started. */
  add(options?: SideOptions): Promise<Side>
  destroy(): Promise<void>
}

export function newSides(): Sides {
  const allowed = new Set<string>()
  const sides: Side[] = []
  return {
    allowed,
    async add({ config = {}, validate = acceptAll, wrap } = {}) {
      const net = await testHost()
      const archive = await testArchive()
      const lines: string[] = []
      const log = createLog('info', { write: (line: string) => void lines.push(line) })
      const sync = createSync(SyncConfig.parse({ silenceMs: 1_500, ...config }), {
        net,
        archive: wrap ? wrap(archive) : archive,
        topics: TOPICS,
        validate,
        isAllowed: (peerId) => allowed.has(peerId),
        log,
      })
      await net.start()
      await sync.start()
      allowed.add(net.peerId.toString())
      const side = { net, archive, sync, lines, peerId: net.peerId }
      sides.push(side)
      return side
    },
    async destroy() {
      for (const { sync, net, archive } of sides) {
        await sync.stop()
        await net.stop()
        await archive.destroy()
      }
    },
  }
}

/** The lines that say that a peer was cut off. */
export const cutOffs = ({ lines }: Side) => lines.filter((line) => line.includes('Cut off a peer'))
