import {
  createProver,
  ProofError,
  slotFinisher,
  type ProofPath,
  type ProveOptions,
  type Prover,
  type ProverInput,
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
  /** Gets a prover ready, so that what hinders it shows before a message id is taken. Throws what the source throws. */
  open(): Promise<void>
  /** Adds a proof to a message whose id is taken: finishes the slot if there is one. Throws ProofError. */
  prove(message: WakuMessage, options: ProvingOptions): Promise<Proved>
  /** Makes a proof that is for no message. Throws ProofError. */
  proveInput(input: ProverInput): Promise<RlnProof>
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

/** Holds the prover, and opens another when it has died; a proof from a slot needs neither it nor the artifacts. */
export function createProving(source: ProverSource, storage: KeyValueStore): Proving {
  let prover: Promise<Prover> | undefined
  let finisher: ReturnType<typeof slotFinisher> | undefined
  let finished = 0
  let stopped = false

  async function open(): Promise<Prover> {
    if (stopped) throw new ProofError('The prover is stopped', { code: 'PROVER_STOPPED' })
    const opened = typeof source === 'function' ? await source() : source
    return 'prove' in opened ? opened : createProver(opened)
  }

  function load(): Promise<Prover> {
    if (prover) return prover
    const opening = open()
    prover = opening
    opening.catch(() => forget(opening))
    return opening
  }

  function forget(given: Promise<Prover>): void {
    if (prover === given) prover = undefined
  }

  /** Does something with the prover. One whose worker has ended makes way for another. */
  async function withProver<T>(task: (prover: Prover) => Promise<T>): Promise<T> {
    const opening = load()
    const opened = await opening
    try {
      return await task(opened)
    } catch (error) {
      const isFailure = error instanceof ProofError && error.code === 'PROVING_FAILED'
      if (isFailure && prover === opening && (await isDead(opened))) {
        forget(opening)
        await opened.stop()
      }
      throw error
    }
  }

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
    async open() {
      await load()
    },
    async prove(draft, { slot, ...options }) {
      const startedAt = performance.now()
      let path: ProofPath = 'slot'
      const prover: MessageOptions['prover'] = {
        async prove(input, proveOptions) {
          if (slot) return await finish(slot, input.x)
          const made = await withProver((opened) => opened.prove(input, proveOptions))
          path = made.path
          return made
        },
      }
      const message = await proveMessage(draft, { ...options, prover })
      const tookMs = Math.round((performance.now() - startedAt) * 10) / 10
      if (path !== 'slot') await storage.set(KEY, String(Math.round(tookMs)))
      return { message, path, tookMs }
    },
    proveInput: (input) => withProver((opened) => opened.prove(input)),
    prepare: (input, options) => withProver((opened) => opened.prepare(input, options)),
    async counts() {
      return { ...(prover ? await (await prover).counters() : NOTHING), finished }
    },
    async stop() {
      stopped = true
      await (await prover?.catch(() => undefined))?.stop()
    },
  }
}

const isDead = (prover: Prover): Promise<boolean> =>
  prover.counters().then(
    () => false,
    () => true,
  )
