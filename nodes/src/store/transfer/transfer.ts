import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { decodeMessage, messageHash } from '@teahouse/protocol/wire'
import type { Archive } from '../archive.ts'
import type { MessageKey } from '../keys.ts'
import { TransferError } from './errors.ts'
import { exportWriter, readExport, type Exported } from './format.ts'

/** Messages read or written at a time. */
const AT_ONCE = 500

/** Told after each step how many messages are done. */
export type OnProgress = (messages: number) => void
const silently: OnProgress = () => undefined

/** Goes over a whole archive, in order. */
async function* walk(archive: Pick<Archive, 'scan'>) {
  for (let after: MessageKey | undefined; ;) {
    const some = await archive.scan({ limit: AT_ONCE, after })
    if (some.length === 0) return
    yield some
    after = some.at(-1)
  }
}

/**
 * Writes all messages into a file, which appears under its name when it is whole and on disk; a node may go on using the archive. What
 * comes meanwhile may be in it or not. Returns the number of messages.
 */
export async function exportArchive(
  archive: Pick<Archive, 'scan'>,
  path: string,
  onProgress: OnProgress = silently,
): Promise<number> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  const file = await open(temporary, 'wx', 0o600)
  const writer = exportWriter()
  let count = 0
  try {
    await file.write(writer.header())
    for await (const messages of walk(archive)) {
      await file.write(writer.records(messages))
      count += messages.length
      onProgress(count)
    }
    await file.write(writer.trailer())
    await file.sync()
    await file.close()
    await rename(temporary, path)
    return count
  } catch (error) {
    await file.close().catch(() => undefined)
    await rm(temporary, { force: true })
    throw error
  }
}

export interface Imported {
  readonly messages: number
  /** Those that were not in the archive before. */
  readonly fresh: number
}

/**
 * Takes all messages of an export into the archive, after the whole file has been checked: a damaged one changes nothing. May be ended at
 * any time and run again; what is there already is passed over. Throws TransferError as `readExport` does, and ArchiveError.
 */
export async function importArchive(
  archive: Pick<Archive, 'restore'>,
  path: string,
  onProgress: OnProgress = silently,
): Promise<Imported> {
  await verifyExport(path)
  let [messages, fresh] = [0, 0]
  let batch: Exported[] = []
  const flush = async () => {
    fresh += await archive.restore(batch)
    messages += batch.length
    batch = []
    onProgress(messages)
  }
  for await (const exported of readExport(createReadStream(path))) {
    batch.push(exported)
    if (batch.length === AT_ONCE) await flush()
  }
  await flush()
  return { messages, fresh }
}

/** Checks a file from its header to its trailer. Returns the number of messages. Throws TransferError. */
export async function verifyExport(path: string, onProgress: OnProgress = silently): Promise<number> {
  let count = 0
  for await (const exported of readExport(createReadStream(path))) {
    if (exported && ++count % AT_ONCE === 0) onProgress(count)
  }
  return count
}

/** Computes the hash of every message in the archive anew. Returns their number. Throws TransferError WRONG_HASH. */
export async function verifyArchive(
  archive: Pick<Archive, 'scan'>,
  onProgress: OnProgress = silently,
): Promise<number> {
  let count = 0
  for await (const messages of walk(archive)) {
    for (const { hash, timestamp, pubsubTopic, bytes } of messages) {
      const message = decodeMessage(bytes)
      const computed = messageHash(pubsubTopic, message)
      if (Buffer.compare(computed, hash) === 0 && message.timestamp === timestamp) continue
      const named = Buffer.from(hash).toString('hex')
      throw new TransferError(`The message kept as ${named} has another hash`, {
        code: 'WRONG_HASH',
        hash: named,
      })
    }
    count += messages.length
    onProgress(count)
  }
  return count
}
