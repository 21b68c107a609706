/** The service node: relay, store, filter, light push, payment and settlement. */
export { ConfigError, loadConfig, NodeConfig, parseConfig, redact, type NodeConfigInput } from './config.ts'
export { createNode, type Node, type NodeDeps } from './node.ts'
export { runNode } from './run.ts'
export { serviceBits } from './profile/profiles.ts'
export { createLog } from './log.ts'
export type { NodeHealth, NodeInfo } from './http/info.ts'
export { ApiError } from './http/errors.ts'
export { DataError, writeSecretFile } from './files.ts'
export { NodeChainError } from './chain/errors.ts'
export { NetError } from './net/index.ts'
export { StorageError } from './storage/index.ts'
export {
  ArchiveError,
  DatabaseConfig,
  exportArchive,
  importArchive,
  TransferError,
  verifyArchive,
  verifyExport,
} from './store/index.ts'
export { ForgetError, openArchive } from './forget/index.ts'
export { VoucherError } from './payments/errors.ts'
export { coinValueOf } from './payments/gas-worth.ts'
export { beginPayee, pendingVouchers } from './payments/rotation.ts'
export { backUpNode, restoreNode } from './operator/backup.ts'
export {
  ensureNodeKey,
  newNodeKey,
  peerIdBytes,
  peerIdOfKey,
  readNodeKey,
  type NodeKey,
  type OpenKey,
} from './operator/key-file.ts'
export { InstanceError } from './rln/claim-identity.ts'
export { newIdentity, readIdentity, writeIdentity, type NodeIdentity } from './rln/identity-file.ts'
