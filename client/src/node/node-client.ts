import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import type { LocalNetwork } from '@teahouse/protocol/chain'
import { expectKey, loadArtifacts } from '@teahouse/protocol/rln/artifacts'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Account } from '../account/account.ts'
import { connect, type Client } from '../client.ts'
import type { ConnectOptions } from '../connect-options.ts'
import { fileStore } from './file-store.ts'
import { holdLock } from './process-lock.ts'
import { slotFolder } from './slot-folder.ts'
import { threadProver } from './thread-prover.ts'

/** Held as long as a chat is started; other processes of the account may do anything else. */
const CHAT_LOCK = 'chat-lock.sqlite'
/** A process that was told to end still sends its acknowledgements. */
const CHAT_WAIT_MS = 3_000

export interface NodeClientOptions {
  readonly network: LocalNetwork
  readonly account: Account
  /** Folder for this account's counter, vouchers and unsent messages; made if missing. */
  readonly dir: string
  /** Takes the Merkle path from nodes; see ConnectOptions. */
  readonly light?: ConnectOptions['light']
  /** Has nodes send what the account signs; see ConnectOptions. */
  readonly nodes?: ConnectOptions['nodes']
  /** Free requests at the account's home operator; see ConnectOptions. */
  readonly memberQuota?: ConnectOptions['memberQuota']
  readonly signal?: AbortSignal
}

/** A client with durable files, TCP and websockets, and the committed circuit in a thread of its own. Throws StorageError, CallError. */
export async function nodeClient({ dir, ...options }: NodeClientOptions): Promise<Client> {
  return connect({
    ...options,
    storage: await fileStore(dir),
    slots: await slotFolder(dir),
    hold: () => holdLock(join(dir, CHAT_LOCK), CHAT_WAIT_MS),
    artifacts: async () => {
      const artifacts = await loadArtifacts((url) => readFile(url))
      expectKey(artifacts.key, options.network.verificationKeyId) // a proof for another key would be refused
      return threadProver(artifacts)
    },
    readArtifact: (url) => readFile(url),
    transports: [tcp(), webSockets()],
  })
}
