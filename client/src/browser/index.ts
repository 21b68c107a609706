/** What the SDK needs from a browser: IndexedDB that survives a reload, and a worker that proves. */
export { indexedDbStore } from './indexed-db-store.ts'
export { slotKeyInIndexedDb } from './slot-key-store.ts'
export { workerProver } from './worker-prover.ts'
