import type { Logger } from 'pino'
import type { ArchiveEngine, MessageRow } from '../engine.ts'
import type { Call } from './call.ts'
import { keptThread } from './kept-thread.ts'

/**
 * The archive in the SQLite file at `path`: one thread writes, another one reads what is committed, so that neither a sync to
 * disk nor pruning holds up a query, and nothing of it the node. A thread that dies is started again. Throws StorageError.
 */
export async function sqliteEngine(path: string, log?: Logger): Promise<ArchiveEngine> {
  const writer = await keptThread({ path, readOnly: false }, log)
  const reader = await keptThread({ path, readOnly: true }, log).catch(async (error: unknown) => {
    await writer.close()
    throw error
  })
  const by = <Name extends Exclude<Call['method'], 'close'>>(thread: typeof reader, name: Name) =>
    ((...args: readonly unknown[]) => thread.call(name, ...args)) as ArchiveEngine[Name]

  return {
    insert: (rows) => writer.call('insert', rows.map(tight)) as Promise<boolean[]>,
    remove: (hashes) => writer.call('remove', hashes.map(own)) as Promise<number>,
    prune: by(writer, 'prune'),
    has: by(reader, 'has'),
    get: by(reader, 'get'),
    page: by(reader, 'page'),
    keys: by(reader, 'keys'),
    scan: by(reader, 'scan'),
    totals: by(reader, 'totals'),
    async close() {
      await reader.close()
      await writer.close()
    },
  }
}

/** A view of a larger buffer takes all of that buffer along when it is sent to a thread. */
function tight(row: MessageRow): MessageRow {
  const { bytes, hash } = row
  return { ...row, hash: own(hash), bytes: own(bytes) }
}

function own(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes)
}
