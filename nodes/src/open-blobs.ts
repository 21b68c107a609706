import { join } from 'node:path'
import type { Base } from './base.ts'
import {
  BLOB_MIGRATIONS,
  blobDesk,
  blobService,
  blobStore,
  expiry,
  type BlobStore,
  type IssueReceipt,
} from './blob/index.ts'
import type { Charge, Net, Service } from './net/index.ts'
import { openDatabase } from './storage/index.ts'

export interface Blobs {
  /** Also the content that courts ask for. */
  readonly store: BlobStore
  /** Keeps and gives blobs, and removes those that are over. */
  part(net: Net, charge: Charge, issueReceipt?: IssueReceipt): Service
  close(): Promise<void>
}

/** The blobs of the node, in a database of their own beside the archive. */
export function openBlobs({ config, chain, disk, now, log: nodeLog }: Base): Blobs {
  const { maxBytes, maxDays, everyMs } = config.blob
  const log = nodeLog.child({ module: 'blob' })
  const db = openDatabase(join(config.dataDir, 'blobs.sqlite'), BLOB_MIGRATIONS, { shrinks: true })
  const store = blobStore({ db, maxBytes, room: disk })
  return {
    store,
    part(net, charge, issueReceipt) {
      const desk = blobDesk({ store, charge, issueReceipt, maxDays, now, log })
      const served = blobService(config.blob, { net, desk, log })
      // A clock that jumps ahead removes nothing: the chain's time has to come too.
      const certain = () => Math.min(now(), 1_000 * (chain.head.current?.timestamp ?? 0))
      const removal = expiry({ store, everyMs, now: certain, log })
      return {
        async start() {
          await removal.start()
          await served.start()
        },
        async stop() {
          await served.stop()
          await removal.stop()
        },
      }
    },
    async close() {
      await store.close()
      db.close()
    },
  }
}
