/** What the SDK needs from Node: files that survive a crash, TCP, and the circuit's artifacts from disk. */
export { fileStore } from './file-store.ts'
export { localNetwork } from './local-network.ts'
export { localPeople, type LocalPeople } from './local-people.ts'
export { nodeClient, type NodeClientOptions } from './node-client.ts'
export { slotFolder } from './slot-folder.ts'
export { threadProver } from './thread-prover.ts'
