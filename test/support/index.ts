/** What integration tests share: a chain, nodes as processes, members who prove, and peers who speak by hand. */
export {
  deployBeside,
  fund,
  mined,
  newWallet,
  ROOT,
  startChain,
  TEA,
  until,
  type TestChain,
  type TestWallet,
} from './chain.ts'
export { newGate, type Gate } from './gate.ts'
export { newLightPeer, type LightPeer } from './light-peer.ts'
export {
  becomesWell,
  CLUSTER_ID,
  launchNode,
  prepareNode,
  SHARDS,
  spawnNode,
  withClock,
  type Exit,
  type NodeInfoJson,
  type NodeProcess,
  type OperatorKeys,
  type PreparedNode,
} from './node.ts'
export { newRpcProxy, type RpcProxy } from './rpc-proxy.ts'
export {
  EPOCH_SECONDS,
  epochNow,
  newMember,
  newMessage,
  prove,
  readLedger,
  testProver,
  withinOneEpoch,
  type TestMember,
} from './rln.ts'
