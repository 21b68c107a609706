import {
  createProver,
  slotFinisher,
  type ProofPath,
  type ProveOptions,
  type Prover,
  type ProvingCounters,
  type RlnProof,
  type Slot,
  type SlotInput,
} from '@teahouse/protocol/rln'
import type { WakuMessage } from '@teahouse/protocol/wire'
import type { KeyValueStore } from '../storage/store.ts'
import { proveMessage, type ProveOptions as MessageOptions } from './compose.ts'

/** Circuit files that proving needs, as bytes. */
export interface ProverArtifacts {
  readonly wasm: Uint8Array
  readonly zkey: Uint8Array
}

/** A message with its proof, how that came to be, and how long it took. */
export interface Proved {
  readonly message: WakuMessage
  readonly path: ProofPath
  readonly tookMs: number
}

export interface ProvingOptions extends Omit<MessageOptions, 'prover'> {
  /** Taken for good, and made for the same member, epoch and message id. */
  readonly slot?: Slot | undefined
}

/** What this device has proved since it started. */
export interface ProvingCounts extends ProvingCounters {
  /** Slots that became proofs. */
  readonly finished: number
}

export interface Proving {
  /** What the last proof without a slot took on this machine, in milliseconds. */
  usualMs(): Promise<number>
  /** Adds a proof to a message whose id is taken: finishes the slot if there is one. Throws ProofError. */
  prove(message: WakuMessage, options: ProvingOptions): Promise<Proved>
  /** Makes a slot. Throws ProofError. */
  prepare(input: SlotInput, options: ProveOptions): Promise<Slot>
  counts(): Promise<ProvingCounts>
  stop(): Promise<void>
}

const KEY = 'proof-ms'
/** What a proof takes on a machine that has made none yet. */
const FIRST_GUESS_MS = 1_000
const NOTHING: ProvingCounters = { witnesses: 0, plain: 0, cached: 0, slots: 0 }

/** Loads artifacts, or opens a prover that runs elsewhere, when the first proof needs it. */
export type ProverSource = ProverArtifacts | (() => Promise<ProverArtifacts | Prover>)

/** Holds the prover; a proof from a slot needs neither it nor the artifacts. */
export function createProving(source: ProverSource, storage: KeyValueStore): Proving {
  let prover: Promise<Prover> | undefined
  let finisher: ReturnType<typeof slotFinisher> | undefined
  let finished = 0

  async function open(): Promise<Prover> {
    const opened = typeof source === 'function' ? await source() : source
    return 'prove' in opened ? opened : createProver(opened)
  }
  const load = (): Promise<Prover> => (prover ??= open())

  async function finish(slot: Slot, x: bigint): Promise<RlnProof> {
    const proof = (await (finisher ??= slotFinisher())).finish(slot, x)
    finished++
    return proof
  }

  return {
    async usualMs() {
      const text = (await storage.get(KEY))?.value ?? ''
      return /^\d{1,7}$/.test(text) ? Number(text) : FIRST_GUESS_MS
    },
    async prove(draft, { slot, ...options }) {
      const startedAt = performance.now()
      let path: ProofPath = 'slot'
      const prover: MessageOptions['prover'] = {
        async prove(input, proveOptions) {
          if (slot) return await finish(slot, input.x)
          const made = await (await load()).prove(input, proveOptions)
          path = made.path
          return made
        },
      }
      const message = await proveMessage(draft, { ...options, prover })
      const tookMs = Math.round((performance.now() - startedAt) * 10) / 10
      if (path !== 'slot') await storage.set(KEY, String(Math.round(tookMs)))
      return { message, path, tookMs }
    },
    prepare: async (input, options) => (await load()).prepare(input, options),
    async counts() {
      return { ...(prover ? await (await prover).counters() : NOTHING), finished }
    },
    async stop() {
      await (await prover?.catch(() => undefined))?.stop()
    },
  }
}
