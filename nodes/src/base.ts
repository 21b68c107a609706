import type { LevelWithSilent, Logger } from 'pino'
import type { NodeChain } from './chain/node-chain.ts'
import type { NodeConfig } from './config.ts'
import type { Databases } from './databases.ts'
import type { ForgetDesk } from './forget/index.ts'
import type { NodeKey } from './operator/key-file.ts'
import type { Stopper } from './stopper.ts'
import type { DiskBudget } from './storage/index.ts'
import type { Archive, SwitchedEngine } from './store/index.ts'

/** What all parts are built from. */
export interface Base {
  readonly config: NodeConfig
  readonly log: Logger
  /** Changes what the node logs from now on. */
  readonly setLogLevel: (level: LevelWithSilent) => void
  readonly now: () => number
  readonly key: NodeKey
  readonly chain: NodeChain
  readonly db: Databases
  /** Without what is forgotten. */
  readonly archive: Archive
  /** What the operator has the archive keep no more. */
  readonly forget: ForgetDesk
  /** What the archive stands on: a database in the profiles that keep messages. */
  readonly engine: SwitchedEngine
  readonly disk: DiskBudget
  readonly stops: Stopper
  /** The shards that this node relays, keeps and serves, and their pubsub topics. */
  readonly shards: readonly number[]
  readonly topics: readonly string[]
}
