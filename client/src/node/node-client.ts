import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import type { LocalNetwork } from '@teahouse/protocol/chain'
import { readNetworkKey } from '@teahouse/protocol/rln'
import { loadArtifacts } from '@teahouse/protocol/rln/artifacts'
import { readFile } from 'node:fs/promises'
import type { Account } from '../account/account.ts'
import { connect, type Client, type ConnectOptions } from '../client.ts'
import { fileStore } from './file-store.ts'
import { slotFolder } from './slot-folder.ts'
import { threadProver } from './thread-prover.ts'

export interface NodeClientOptions {
  readonly network: LocalNetwork
  readonly account: Account
  /** Folder for this account's counter, vouchers and unsent messages; made if missing. */
  readonly dir: string
  /** Takes the Merkle path from nodes; see ConnectOptions. */
  readonly light?: ConnectOptions['light']
  readonly signal?: AbortSignal
}

/** A client with durable files, TCP and websockets, and the committed circuit in a thread of its own. Throws StorageError, CallError. */
export async function nodeClient({ dir, ...options }: NodeClientOptions): Promise<Client> {
  return connect({
    ...options,
    storage: await fileStore(dir),
    slots: await slotFolder(dir),
    artifacts: async () => {
      const artifacts = await loadArtifacts((url) => readFile(url))
      readNetworkKey(artifacts.vkey, options.network.verificationKeyId) // a proof for another key would be refused
      return threadProver(artifacts)
    },
    transports: [tcp(), webSockets()],
  })
}
