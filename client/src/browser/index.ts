/** What the SDK needs from a browser: IndexedDB that survives a reload, a worker that proves, passkeys that unlock. */
export { askToPersist, browserClient, type BrowserClientOptions } from './browser-client.ts'
export { indexedDbStore } from './indexed-db-store.ts'
export { slotKeyInIndexedDb } from './slot-key-store.ts'
export { addPasskey, openWithPasskey, PasskeyError } from './passkey.ts'
export { workerProver } from './worker-prover.ts'
