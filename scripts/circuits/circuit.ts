import { fileURLToPath } from 'node:url'

/** The root of the repository: circom's sandbox takes only paths relative to the folder it runs in. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A circuit that is compiled, given a key and committed. All paths are relative to the root. */
export interface Circuit {
  readonly name: string
  readonly main: string
  /** Powers of tau of the development key; a production ceremony names its own. */
  readonly ptau: string
  readonly verifier: string
  readonly verifierContract: string
  /** TypeScript with the artifacts' hashes. */
  readonly hashes: string
}

export const ARTIFACTS = 'circuits/artifacts'
export const LOCK = `${ARTIFACTS}/artifacts.lock.json`

export const RLN: Circuit = {
  name: 'rln_20',
  main: 'circuits/main/rln_20.circom',
  ptau: 'circuits/ptau/dev-13.ptau',
  verifier: 'contracts/verifiers/RlnVerifier.sol',
  verifierContract: 'RlnVerifier',
  hashes: 'protocol/src/rln/generated/artifacts.ts',
}

/** Where each committed artifact of a circuit lies. */
export function artifactPaths({ name }: Pick<Circuit, 'name'>): { wasm: string; zkey: string; vkey: string } {
  return {
    wasm: `${ARTIFACTS}/${name}.wasm`,
    zkey: `${ARTIFACTS}/${name}.zkey`,
    vkey: `${ARTIFACTS}/${name}.vkey.json`,
  }
}
