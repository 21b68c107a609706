// What the tests and benchmarks of test/browser call in a real page: `window.teahouse`.
import { slotStore, type KeyValueStore } from '@teahouse/client'
import { indexedDbStore, slotKeyInIndexedDb, workerProver } from '@teahouse/client/browser'
import {
  identityFromSecret,
  membershipTree,
  rateCommitment,
  slotFinisher,
  type ProverInput,
  type RlnProof,
} from '@teahouse/protocol/rln'
import { loadArtifacts } from '@teahouse/protocol/rln/artifacts'
import { tryPasskey, unlockByPasskey } from './passkey.ts'

const RATE_LIMIT = 100
const EPOCH = 7n

function member(secret: bigint): ProverInput {
  const tree = membershipTree()
  tree.set(3, rateCommitment(identityFromSecret(secret).commitment, RATE_LIMIT))
  return { secret, rateLimit: RATE_LIMIT, messageId: 0, path: tree.path(3), x: 1n, externalNullifier: 9n }
}

/** Proofs hold bigints, which cross to the test as decimal texts. */
const asText = (proof: RlnProof): string =>
  JSON.stringify(proof, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))

async function open(database: string) {
  const fetched = async (url: URL) => new Uint8Array(await (await fetch(url)).arrayBuffer())
  const artifacts = await loadArtifacts(fetched)
  const prover = workerProver(artifacts)
  const storage = await indexedDbStore(database)
  const store = slotStore({ storage, scope: 'test', key: () => slotKeyInIndexedDb(`${database}-key`) })
  const finisher = await slotFinisher()
  const input = member(12_345n)
  let nextId = 0

  return {
    storage,
    /** Makes a slot in the worker and stores it. Tells how often the page could paint meanwhile. */
    async prepare(): Promise<{ ms: number; frames: number; progress: number[] }> {
      const progress: number[] = []
      let frames = 0
      const timer = setInterval(() => frames++, 16)
      const startedAt = performance.now()
      const messageId = nextId++
      const slot = await prover.prepare(
        { ...input, messageId },
        { onProgress: (done) => progress.push(done) },
      )
      const ms = performance.now() - startedAt
      clearInterval(timer)
      await store.put({ epoch: EPOCH, messageId, root: slot.root, run: 'page', slot })
      return { ms, frames, progress }
    },
    /** Takes a slot and finishes it. */
    async send(x: string): Promise<{ proof: string; takeMs: number; finishMs: number } | undefined> {
      const startedAt = performance.now()
      const taken = await store.take(() => true)
      if (!taken) return undefined
      const takenAt = performance.now()
      const proof = finisher.finish(taken.slot, BigInt(x))
      const finishMs = performance.now() - takenAt
      return { proof: asText(proof), takeMs: takenAt - startedAt, finishMs }
    },
    async prove(x: string): Promise<{ proof: string; path: string; ms: number }> {
      const startedAt = performance.now()
      const { path, ...proof } = await prover.prove({ ...input, messageId: nextId++, x: BigInt(x) })
      return { proof: asText(proof), path, ms: performance.now() - startedAt }
    },
    async cancel(): Promise<string> {
      const controller = new AbortController()
      const making = prover.prepare(input, {
        signal: controller.signal,
        onProgress: () => controller.abort(),
      })
      return await making.then(
        () => 'made',
        (error: { code: string }) => error.code,
      )
    },
    labels: async () => (await store.labels()).map(({ messageId }) => messageId),
    counters: () => prover.counters(),
    stop: () => prover.stop(),
  }
}

/** The bytes of the key that seals slots, if a script can get at them. */
async function exportKey(database: string): Promise<string> {
  const key = await slotKeyInIndexedDb(`${database}-key`)
  return await crypto.subtle.exportKey('raw', key).then(
    () => 'exported',
    () => 'refused',
  )
}

export interface TeahousePage {
  open: typeof open
  exportKey: typeof exportKey
  store: (database: string) => Promise<KeyValueStore>
  unlockByPasskey: typeof unlockByPasskey
  tryPasskey: typeof tryPasskey
}

declare global {
  var teahouse: TeahousePage
}
globalThis.teahouse = { open, exportKey, store: indexedDbStore, unlockByPasskey, tryPasskey }
