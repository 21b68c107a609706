import { readFile } from 'node:fs/promises'
import { loadArtifacts, type RlnArtifacts } from '@teahouse/protocol/rln/artifacts'

/** The committed circuit and key, as plain bytes: some of the peers write to what they are given. */
export async function benchArtifacts(): Promise<RlnArtifacts> {
  const { wasm, zkey, ...rest } = await loadArtifacts((url) => readFile(url))
  return { ...rest, wasm: new Uint8Array(wasm), zkey: new Uint8Array(zkey) }
}
