import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, randomBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { isTeahouseError } from '@teahouse/protocol/errors'
import type { Hex } from 'viem'
import type { Account } from '../account/account.ts'
import { restoreBackup, writeBackup, type Restored } from '../account/backup/backup.ts'
import { BackupError } from '../account/backup/errors.ts'
import { backupSections } from '../backup.ts'
import { hashOf } from '../chat/resending.ts'
import type { HistoryOptions, HistoryResult } from '../messaging/reader.ts'
import type { ReceivedMessage } from '../messaging/received.ts'
import { sleep } from '../sleep.ts'
import { sealedStore } from '../storage/sealed-store.ts'
import { memoryStore, type KeyValueStore } from '../storage/store.ts'
import { gaveUp, isDue, made, trying, type Kept } from './due.ts'
import { sealParts, wholeBackups, type DeviceBackup } from './parts.ts'
import { backupPlaces, backupTopic } from './topics.ts'

export interface BackupsDeps {
  readonly account: Account
  readonly storage: KeyValueStore
  /** Names account and network in the storage. */
  readonly scope: string
  readonly send: (message: { contentTopic: string; payload: Uint8Array }) => Promise<unknown>
  /** Drops a message that no node took. */
  readonly discard: (hash: Hex) => Promise<unknown>
  /** Messages that may still be sent in this epoch, and of how many. */
  readonly remaining: () => Promise<{ readonly left: number; readonly limit: number }>
  readonly history: (options: HistoryOptions) => Promise<HistoryResult>
  /** A chat has read its contacts already, and would not see what is restored. */
  readonly isChatOpen: () => boolean
  /** Stops `keep`. */
  readonly signal: AbortSignal
  readonly now: () => number
}

export interface BackupState {
  /** When the newest one of this device was made, in milliseconds since 1970. */
  readonly madeAt: number | undefined
  /** Why the last attempt of this run made none. */
  readonly problem: string | undefined
}

const STATE = 'state'
const LOOK_MS = 3_600_000

/**
 * Backups that an account leaves with the nodes that store messages: sealed, in a bucket of its own, found again from the phrase alone for 30 days. docs/accounts.md.
 */
export function createBackups(deps: BackupsDeps) {
  const { account, storage, send, discard, remaining, history, signal, now } = deps
  const store = sealedStore(storage, { key: account.storageKey, scope: `backups/${deps.scope}` })
  let running: Promise<void> | undefined
  let problem: string | undefined

  const read = (text: string | undefined): Kept =>
    text === undefined ? { device: bytesToHex(randomBytes(8)) } : (JSON.parse(text) as Kept)
  const change = async (next: (kept: Kept) => Kept): Promise<Kept> =>
    read(await store.update(STATE, (old) => JSON.stringify(next(read(old?.value)))))

  async function publish(backup: DeviceBackup): Promise<void> {
    const contentTopic = backupTopic(account.backupKey, backup.madeAt / 1_000)
    const parts = sealParts(backup, account.backupKey, contentTopic)
    const { left, limit } = await remaining()
    if (parts.length > left - limit / 2) {
      const message = `A backup takes ${parts.length} messages, and ${left} of ${limit} are left: half of them are for people`
      throw new BackupError(message, { code: 'NO_MESSAGES', parts: parts.length, left, limit })
    }
    for (const payload of parts) {
      try {
        await send({ contentTopic, payload })
      } catch (error) {
        const hash = hashOf(error)
        if (hash) await discard(hash)
        throw error
      }
    }
  }

  async function makeIf(due: (kept: Kept, digest: string) => boolean): Promise<boolean> {
    const digest = await digestOf(storage, account)
    let isMine = false
    const { device } = await change((kept) => {
      isMine = due(kept, digest)
      return isMine ? trying(kept, now()) : kept
    })
    if (!isMine) return false
    try {
      const madeAt = now()
      const bytes = await writeBackup({ account, sections: backupSections(storage, account, now) }, now)
      await publish({ device, bytes, madeAt })
      await change((kept) => made(kept, digest, madeAt))
      return true
    } catch (error) {
      await change(gaveUp)
      throw error
    }
  }

  async function makeIfDue(): Promise<boolean> {
    const nothing = await digestOf(memoryStore(), account)
    return await makeIf((kept, digest) => digest !== nothing && isDue(kept, digest, now()))
  }

  async function look(): Promise<void> {
    try {
      await makeIfDue()
      problem = undefined
    } catch (error) {
      problem = isTeahouseError(error) ? error.code : String(error)
    }
  }

  async function keepLooking(): Promise<void> {
    while (!signal.aborted) {
      await look()
      await sleep(LOOK_MS, signal)
    }
  }

  /** All that two nodes show: one may have missed some, or withhold them. */
  async function find(): Promise<DeviceBackup[]> {
    const messages: ReceivedMessage[] = []
    for (const { contentTopic, since } of backupPlaces(account.backupKey, now() / 1_000)) {
      const first = await history({ contentTopic, since })
      const second = await history({ contentTopic, since, except: first.peerId }).catch(() => undefined)
      messages.push(...first.messages, ...(second?.messages ?? []))
    }
    return wholeBackups(messages, account.backupKey)
  }

  return {
    /** From now on, until the client stops: makes one whenever that is due. Failures wait for the next hour. */
    async keep(): Promise<void> {
      running ??= keepLooking()
    },
    /**
     * Makes one if there is something to keep, the last one is old enough, and no other tab is at it; returns whether it did.
     * @throws as `make`.
     */
    makeIfDue,
    /** Makes one now. Throws BackupError TOO_LARGE, NO_MESSAGES; SendError, MembershipError and others of `send`. */
    async make(): Promise<void> {
      await makeIf(() => true)
    },
    async state(): Promise<BackupState> {
      return { madeAt: read((await store.get(STATE))?.value).madeAt, problem }
    },
    /**
     * Takes in the newest backup of each device that nodes have of this account; undefined if they have none. A device that came back with less does not hide what
     * another knew. Only before the chat is opened.
     * @throws BackupError CHAT_IS_OPEN, BAD_SECTION, NEWER_SECTION; QueryError, NetError.
     */
    async restore(): Promise<Restored | undefined> {
      if (deps.isChatOpen()) {
        const message = 'A chat is open, and would not see what is restored: restore before it is opened'
        throw new BackupError(message, { code: 'CHAT_IS_OPEN' })
      }
      const sections = backupSections(storage, account, now)
      const all: Restored[] = []
      for (const { bytes } of await find()) all.push(await restoreBackup(bytes, { account, sections }))
      return all[0] && { ...all[0], ...joined(all) }
    },
    /** Resolves when nothing of `keep` runs any more. */
    async stopped(): Promise<void> {
      await running
    },
  }
}

const joined = (all: readonly Restored[]): Pick<Restored, 'restored' | 'skipped'> => ({
  restored: [...new Set(all.flatMap(({ restored }) => restored))],
  skipped: [...new Set(all.flatMap(({ skipped }) => skipped))],
})

/** Hash of what a backup would hold, whenever it is made. */
async function digestOf(storage: KeyValueStore, account: Account): Promise<string> {
  const sections = backupSections(storage, account, () => 0)
  const values = await Promise.all(sections.map((section) => section.collect()))
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(values))))
}
