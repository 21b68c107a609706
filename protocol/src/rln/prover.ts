import { ProofError } from './errors.ts'
import { checkField } from './field.ts'
import type { CircuitInput } from './groth16/witness.ts'
import { checkLimit } from './identity.ts'
import type { Checkpoint, MadeProof, ProvingCore, ProvingCounters } from './proving/core.ts'
import type { Slot } from './proving/slot.ts'
import { type MerklePath, TREE_DEPTH } from './tree.ts'

/** The circuit's witness generator and its proving key, as loaded by `loadArtifacts`. */
export interface ProverArtifacts {
  readonly wasm: Uint8Array
  readonly zkey: Uint8Array
}

/** What a slot is made of: a proof's input without x. */
export interface SlotInput {
  readonly secret: bigint
  readonly rateLimit: number
  readonly messageId: number
  readonly path: MerklePath
  readonly externalNullifier: bigint
}

/** What a proof is made of; only x and the external nullifier become public as they are. */
export interface ProverInput extends SlotInput {
  readonly x: bigint
}

export interface ProveOptions {
  /** Ends the task at its next step, at most 0.15 s of CPU later. */
  readonly signal?: AbortSignal | undefined
  /** Told the part that is done, from 0 to 1, step by step. */
  readonly onProgress?: ((done: number) => void) | undefined
}

/**
 * Makes proofs, one after the other. Sums over what stays the same between messages are kept until the tree's root changes,
 * so that all proofs but the first of a root take a third of its time.
 *
 * Both throw ProofError before any work: OVER_LIMIT, BAD_LIMIT, BAD_PATH, OUT_OF_FIELD or ZERO_X; later PROVING_FAILED,
 * PROVER_STOPPED, or ABORTED with the signal's reason as cause.
 */
export interface Prover {
  prove(input: ProverInput, options?: ProveOptions): Promise<MadeProof>
  /** Makes everything of a proof but x. Two messages under one slot reveal the secret: keep it in a `SlotStore`. */
  prepare(input: SlotInput, options?: ProveOptions): Promise<Slot>
  /** What was made so far. */
  counters(): Promise<ProvingCounters>
  /** Waits for the task under way, refuses the rest, and forgets what it kept. */
  stop(): Promise<void>
}

/**
 * Builds a prover that computes in the thread of its caller, in steps that let other events pass; `serveProver` and
 * `remoteProver` move it to a worker. Nothing is read or compiled before the first proof.
 */
export function createProver(artifacts: ProverArtifacts): Prover {
  let core: Promise<ProvingCore> | undefined
  let turn: Promise<unknown> = Promise.resolve()
  let stopped = false

  async function run<T>(task: (checkpoint: Checkpoint) => Promise<T>, options: ProveOptions): Promise<T> {
    const checkpoint: Checkpoint = async (done) => {
      await pause()
      checkGoing(options.signal)
      options.onProgress?.(done)
    }
    try {
      checkGoing(options.signal)
      if (stopped) throw new ProofError('The prover is stopped', { code: 'PROVER_STOPPED' })
      const result = await task(checkpoint)
      options.onProgress?.(1)
      return result
    } catch (cause) {
      if (cause instanceof ProofError) throw cause
      throw new ProofError('The proof could not be made', { code: 'PROVING_FAILED' }, { cause })
    }
  }

  function enqueue<T>(options: ProveOptions, task: (checkpoint: Checkpoint) => Promise<T>): Promise<T> {
    const result = turn.then(() => run(task, options))
    turn = result.catch(() => undefined)
    return unlessAborted(result, options.signal)
  }
  function open() {
    // The arithmetic is loaded by whoever proves, not by whoever only hands proofs to a worker.
    core ??= import('./proving/core.ts').then(({ createProvingCore }) => createProvingCore(artifacts))
    core.catch(() => (core = undefined))
    return core
  }

  return {
    async prove(input, options = {}) {
      checkInput(input)
      return await enqueue(options, async (checkpoint) =>
        (await open()).prove(circuitInput(input), checkpoint),
      )
    },
    async prepare(input, options = {}) {
      checkSlotInput(input)
      return await enqueue(options, async (checkpoint) =>
        (await open()).prepare(circuitInput({ ...input, x: 0n }), checkpoint),
      )
    },
    async counters() {
      if (!core) return { witnesses: 0, plain: 0, cached: 0, slots: 0 }
      return { ...(await core).counters }
    },
    async stop() {
      stopped = true
      await turn
      core = undefined
    },
  }
}

/** The circuit's input signals, by the names of circuits/lib/rln.circom. */
export function circuitInput(input: ProverInput): CircuitInput {
  return {
    identitySecret: input.secret,
    userMessageLimit: BigInt(input.rateLimit),
    messageId: BigInt(input.messageId),
    pathElements: [...input.path.elements],
    identityPathIndex: input.path.indices.map(BigInt),
    x: input.x,
    externalNullifier: input.externalNullifier,
  }
}

/** Throws ProofError unless `input` can be proved by an honest member. */
export function checkInput(input: ProverInput): void {
  checkSlotInput(input)
  if (checkField('x', input.x) === 0n) {
    throw new ProofError('x = 0 would reveal the secret', { code: 'ZERO_X' })
  }
}

/** The same for what a slot is made of. */
export function checkSlotInput(input: SlotInput): void {
  const { secret, rateLimit, messageId, path, externalNullifier } = input
  checkLimit(rateLimit)
  if (!Number.isInteger(messageId) || messageId < 0 || messageId >= rateLimit) {
    const detail = { code: 'OVER_LIMIT', messageId, rateLimit } as const
    throw new ProofError(`Message id ${messageId} is not below the limit of ${rateLimit}`, detail)
  }
  checkField('secret', secret)
  checkField('externalNullifier', externalNullifier)
  if (path.elements.length !== TREE_DEPTH || path.indices.length !== TREE_DEPTH) {
    const reason = `${path.elements.length} levels instead of ${TREE_DEPTH}`
    throw new ProofError(`The path has ${reason}`, { code: 'BAD_PATH', reason })
  }
  if (!path.indices.every((index) => index === 0 || index === 1)) {
    const reason = 'a side that is neither 0 nor 1'
    throw new ProofError(`The path has ${reason}`, { code: 'BAD_PATH', reason })
  }
  for (const element of path.elements) checkField('path', element)
}

/** Lets the thread's other events pass, a cancellation among them. */
const pause = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 0))

function aborted(signal: AbortSignal): ProofError {
  return new ProofError('Proving was aborted', { code: 'ABORTED' }, { cause: signal.reason })
}

function checkGoing(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted(signal)
}

/** `result`, or ProofError ABORTED as soon as the signal fires. */
export async function unlessAborted<T>(result: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await result
  const ended = Promise.withResolvers<never>()
  const abort = () => ended.reject(aborted(signal))
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([result, ended.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
