import { messageHash, type WakuMessage } from '@teahouse/protocol/wire'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SILENT } from '../../net/test-hosts.ts'
import { archive, type Archive } from '../archive.ts'
import { sqliteEngine } from '../sqlite/engine.ts'

export const NOW_MS = 1_700_000_000_000
export const NOW_NS = BigInt(NOW_MS) * 1_000_000n
export const TOPIC = '/waku/2/rs/1984/3'
export const NO_LIMIT = Number.MAX_SAFE_INTEGER
/** Later than any message. */
export const END = 2n ** 63n - 1n

export function message(change: Partial<WakuMessage> = {}): WakuMessage {
  return { payload: Uint8Array.of(1), contentTopic: '/a/1/x/proto', timestamp: NOW_NS, ...change }
}

export const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
export const hashOf = (one: WakuMessage, topic = TOPIC) => hex(messageHash(topic, one))

export interface TestArchive extends Archive {
  readonly folder: string
  /** Closes it and removes its files. */
  destroy(): Promise<void>
}

/** An archive in SQLite in a folder of its own, or in one that there is. */
export async function testArchive(now: () => number = () => NOW_MS, there?: string): Promise<TestArchive> {
  const folder = there ?? (await mkdtemp(join(tmpdir(), 'teahouse-archive-')))
  const opened = archive({ engine: await sqliteEngine(join(folder, 'archive.sqlite')), log: SILENT, now })
  return {
    ...opened,
    folder,
    async destroy() {
      await opened.close()
      await rm(folder, { recursive: true })
    },
  }
}
