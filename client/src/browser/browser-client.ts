import type { LocalNetwork } from '@teahouse/protocol/chain'
import type { Account } from '../account/account.ts'
import { connect, type Client } from '../client.ts'
import type { ConnectOptions } from '../connect-options.ts'
import { indexedDbStore } from './indexed-db-store.ts'
import { slotKeyInIndexedDb } from './slot-key-store.ts'
import { holdWebLock } from './web-lock.ts'
import { workerProver } from './worker-prover.ts'

/** Only a page of this machine may reach nodes of this machine: an operator's addresses must not make pages probe a network. */
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/** The code of backups is downloaded then: a page is to be there sooner. */
const BACKUPS_AFTER_MS = 30_000

export interface BrowserClientOptions {
  readonly network: LocalNetwork
  readonly account: Account
  /** Takes the Merkle path from nodes; see ConnectOptions. */
  readonly light?: ConnectOptions['light']
  /** After how many milliseconds backups begin, 30 s by default; false: never. */
  readonly backupsAfterMs?: number | false
  readonly signal?: AbortSignal
}

/**
 * A client of a page: its memory in IndexedDB, websockets, and the committed circuit in a worker, whose files are fetched when the
 * first proof is made. Asks the browser to keep the memory even when room is short, and leaves backups with nodes in case it doesn't.
 * @throws StorageError UNAVAILABLE, where storage is forbidden; CallError.
 */
export async function browserClient({
  account,
  backupsAfterMs = BACKUPS_AFTER_MS,
  ...options
}: BrowserClientOptions): Promise<Client> {
  const name = `teahouse-${account.address.toLowerCase()}`
  const [storage, slots] = await Promise.all([indexedDbStore(name), indexedDbStore(`${name}-slots`)])
  void askToPersist()
  const client = await connect({
    ...options,
    account,
    storage,
    slots,
    dialAnything: LOOPBACK.test(location.hostname),
    slotKey: () => slotKeyInIndexedDb(`${name}-key`),
    hold: () => holdWebLock(`${name}-chat`),
    readArtifact: fetched,
    artifacts: async () => {
      const { expectKey, loadArtifacts } = await import('@teahouse/protocol/rln/artifacts')
      const artifacts = await loadArtifacts(fetched)
      expectKey(artifacts.key, options.network.verificationKeyId) // a proof for another key would be refused
      return workerProver(artifacts)
    },
  })
  if (backupsAfterMs !== false)
    setTimeout(() => void client.backups.keep().catch(() => undefined), backupsAfterMs)
  return client
}

/** Whether the browser keeps this origin's storage until the person deletes it. Some ask the person, some decide by use. */
export async function askToPersist(): Promise<boolean> {
  try {
    return await navigator.storage.persist()
  } catch {
    return false // no secure context, or too old
  }
}

async function fetched(url: URL): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(url)).arrayBuffer())
}
