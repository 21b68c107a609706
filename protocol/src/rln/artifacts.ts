import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { ProofError } from './errors.ts'
import { ARTIFACTS } from './generated/artifacts.ts'
import { expectKey, nameKey, type NetworkKey } from './network-key.ts'
import type { VerificationKeyJson } from './verifying-key.ts'

export { expectKey }

/** The committed files of the RLN circuit: for development until a ceremony replaces them (docs/circuits.md). */
export interface RlnArtifacts {
  readonly wasm: Uint8Array
  readonly zkey: Uint8Array
  readonly vkey: VerificationKeyJson
  /** The network key that these make proofs for; its points were checked when the lock file was written. */
  readonly key: NetworkKey
}

/** Where each artifact lies, as file URLs in Node and as what a bundler makes of them in a browser. */
export const artifactUrls = {
  wasm: () => new URL('../../../circuits/artifacts/rln_20.wasm', import.meta.url),
  zkey: () => new URL('../../../circuits/artifacts/rln_20.zkey', import.meta.url),
  vkey: () => new URL('../../../circuits/artifacts/rln_20.vkey.json', import.meta.url),
}

/**
 * Loads the artifacts through `read` (readFile in Node, fetch in a browser) and checks each against the hash in the
 * lock file. Throws ProofError BAD_ARTIFACT naming the file; what `read` throws passes through.
 */
export async function loadArtifacts(read: (url: URL) => Promise<Uint8Array>): Promise<RlnArtifacts> {
  const [wasm, zkey, vkey] = await Promise.all(
    (['wasm', 'zkey', 'vkey'] as const).map(async (name) => checked(name, await read(artifactUrls[name]()))),
  )
  const key = nameKey(JSON.parse(new TextDecoder().decode(vkey)))
  return { wasm: wasm!, zkey: zkey!, vkey: key.verificationKey, key }
}

function checked(name: keyof typeof ARTIFACTS, bytes: Uint8Array): Uint8Array {
  const { file, sha256: expected } = ARTIFACTS[name]
  const actual = bytesToHex(sha256(bytes))
  if (actual === expected) return bytes
  const detail = { code: 'BAD_ARTIFACT', file, expected, actual } as const
  throw new ProofError(
    `${file} is not the artifact of the lock file: run "npm run circuits -- --check"`,
    detail,
  )
}
