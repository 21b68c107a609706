import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import type { LocalNetwork } from '@teahouse/protocol/chain'
import { loadArtifacts } from '@teahouse/protocol/rln/artifacts'
import { readFile } from 'node:fs/promises'
import type { Account } from '../account/account.ts'
import { connect, type Client } from '../client.ts'
import { fileStore } from './file-store.ts'

export interface NodeClientOptions {
  readonly network: LocalNetwork
  readonly account: Account
  /** Folder for this account's counter, vouchers and unsent messages; made if missing. */
  readonly dir: string
  readonly signal?: AbortSignal
}

/** A client with durable files, TCP and websockets, and the committed circuit. Throws StorageError, CallError. */
export async function nodeClient({ dir, ...options }: NodeClientOptions): Promise<Client> {
  return connect({
    ...options,
    storage: await fileStore(dir),
    artifacts: () => loadArtifacts((url) => readFile(url)),
    transports: [tcp(), webSockets()],
  })
}
