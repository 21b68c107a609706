import { ProofError } from './errors.ts'
import { checkField } from './field.ts'
import { checkLimit } from './identity.ts'
import type { Groth16Proof, PublicSignals, RlnProof } from './proof.ts'
import { type MerklePath, TREE_DEPTH } from './tree.ts'

/** The circuit's witness generator and its proving key, as loaded by `loadArtifacts`. */
export interface ProverArtifacts {
  readonly wasm: Uint8Array
  readonly zkey: Uint8Array
}

/** What a proof is made of; only x and the external nullifier become public as they are. */
export interface ProverInput {
  readonly secret: bigint
  readonly rateLimit: number
  readonly messageId: number
  readonly path: MerklePath
  readonly x: bigint
  readonly externalNullifier: bigint
}

/** Makes proofs, one after the other: each uses every core. */
export interface Prover {
  /**
   * Throws ProofError before any proving: OVER_LIMIT, BAD_LIMIT, BAD_PATH, OUT_OF_FIELD or ZERO_X; later
   * PROVING_FAILED, PROVER_STOPPED, or ABORTED (with the signal's reason as cause; a proof under way runs on unseen).
   */
  prove(input: ProverInput, options?: { readonly signal?: AbortSignal | undefined }): Promise<RlnProof>
  /** Waits for the proof under way, refuses the rest and ends the worker threads, so that the process can end. */
  stop(): Promise<void>
}

/** snarkjs keeps one curve with its worker threads a process: all provers take turns, the last to stop ends it. */
const shared = { turn: Promise.resolve() as Promise<unknown>, provers: new Set<Prover>() }

/** Builds a prover on snarkjs. Nothing is read or started before the first proof. */
export function createProver({ wasm, zkey }: ProverArtifacts): Prover {
  let last: Promise<unknown> = Promise.resolve()
  let stopped = false

  async function run(input: ProverInput, signal: AbortSignal | undefined): Promise<RlnProof> {
    checkGoing(stopped, signal)
    const witness = { type: 'mem' } as const
    try {
      const { groth16, wtns } = await import('snarkjs') // large, and GPL-3.0: only who proves loads it
      await wtns.calculate(circuitInput(input), wasm, witness)
      checkGoing(false, signal)
      const { proof, publicSignals } = await groth16.prove(zkey, witness)
      return { proof: readProof(proof), ...readSignals(publicSignals) }
    } catch (cause) {
      if (cause instanceof ProofError) throw cause
      throw new ProofError('The proof could not be made', { code: 'PROVING_FAILED' }, { cause })
    }
  }

  const prover: Prover = {
    async prove(input, { signal } = {}) {
      checkInput(input)
      checkGoing(stopped, signal)
      shared.provers.add(prover)
      const result = shared.turn.then(() => run(input, signal))
      last = shared.turn = result.catch(() => undefined)
      return await unlessAborted(result, signal)
    },
    async stop() {
      stopped = true
      await last
      if (shared.provers.delete(prover) && shared.provers.size === 0) await endWorkers()
    },
  }
  return prover
}

async function endWorkers(): Promise<void> {
  const { curve_bn128: curve } = globalThis as { curve_bn128?: { terminate(): Promise<void> } | null }
  await curve?.terminate()
}

/** The circuit's input signals, by the names of circuits/lib/rln.circom. */
export function circuitInput(input: ProverInput): Record<string, unknown> {
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

function checkInput({ secret, rateLimit, messageId, path, x, externalNullifier }: ProverInput): void {
  checkLimit(rateLimit)
  if (!Number.isInteger(messageId) || messageId < 0 || messageId >= rateLimit) {
    const detail = { code: 'OVER_LIMIT', messageId, rateLimit } as const
    throw new ProofError(`Message id ${messageId} is not below the limit of ${rateLimit}`, detail)
  }
  checkField('secret', secret)
  checkField('externalNullifier', externalNullifier)
  if (checkField('x', x) === 0n) throw new ProofError('x = 0 would reveal the secret', { code: 'ZERO_X' })
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

function checkGoing(stopped: boolean, signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new ProofError('Proving was aborted', { code: 'ABORTED' }, { cause: signal.reason })
  if (stopped) throw new ProofError('The prover is stopped', { code: 'PROVER_STOPPED' })
}

async function unlessAborted<T>(result: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await result
  const aborted = Promise.withResolvers<never>()
  const abort = () => {
    aborted.reject(new ProofError('Proving was aborted', { code: 'ABORTED' }, { cause: signal.reason }))
  }
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([result, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function readSignals(texts: readonly string[]): PublicSignals {
  const [y, root, nullifier, x, externalNullifier] = texts.map(BigInt) as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ]
  return { y, root, nullifier, x, externalNullifier }
}

function readProof(json: { pi_a: string[]; pi_b: string[][]; pi_c: string[] }): Groth16Proof {
  const pair = ([x, y]: string[]): [bigint, bigint] => [BigInt(x!), BigInt(y!)]
  return { a: pair(json.pi_a), b: [pair(json.pi_b[0]!), pair(json.pi_b[1]!)], c: pair(json.pi_c) }
}
