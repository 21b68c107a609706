import { createProver, type Prover } from '@teahouse/protocol/rln'

/** Circuit files that proving needs, as bytes. */
export interface ProverArtifacts {
  readonly wasm: Uint8Array
  readonly zkey: Uint8Array
}

export type Proving = ReturnType<typeof createProving>

/** Holds the prover; artifacts are loaded and threads started by the first proof only. */
export function createProving(artifacts: ProverArtifacts | (() => Promise<ProverArtifacts>)) {
  let prover: Promise<Prover> | undefined
  return {
    async get(): Promise<Prover> {
      prover ??= Promise.resolve(typeof artifacts === 'function' ? artifacts() : artifacts).then(createProver)
      return prover
    },
    async stop(): Promise<void> {
      await (await prover)?.stop()
    },
  }
}
