import type { LevelWithSilent, Logger } from 'pino'
import type { NodeChain } from './chain/node-chain.ts'
import type { NodeConfig } from './config.ts'
import type { Databases } from './databases.ts'
import type { NodeKey } from './operator/key-file.ts'
import type { Stopper } from './stopper.ts'
import type { Archive } from './store/index.ts'

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
  readonly archive: Archive
  readonly stops: Stopper
  readonly topics: readonly string[]
}
