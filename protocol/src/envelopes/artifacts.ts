import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { ProofError } from '../rln/errors.ts'
import { SEMAPHORE_ARTIFACTS } from './generated/artifacts.ts'

/** Where each artifact lies, as file URLs in Node and as what a bundler makes of them in a browser. */
export const semaphoreUrls = {
  wasm: () => new URL('../../../circuits/artifacts/semaphore_16.wasm', import.meta.url),
  zkey: () => new URL('../../../circuits/artifacts/semaphore_16.zkey', import.meta.url),
}

/**
 * Loads what `createGateProver` needs through `read` (readFile in Node, fetch in a browser) and checks each file's hash.
 * Throws ProofError BAD_ARTIFACT naming the file; what `read` throws passes through.
 */
export async function loadSemaphore(
  read: (url: URL) => Promise<Uint8Array>,
): Promise<{ readonly wasm: Uint8Array; readonly zkey: Uint8Array }> {
  const load = async (name: keyof typeof semaphoreUrls): Promise<Uint8Array> => {
    const bytes = await read(semaphoreUrls[name]())
    const { file, sha256: expected } = SEMAPHORE_ARTIFACTS[name]
    const actual = bytesToHex(sha256(bytes))
    if (actual === expected) return bytes
    const detail = { code: 'BAD_ARTIFACT', file, expected, actual } as const
    throw new ProofError(`${file} is not the committed artifact: run "npm run semaphore -- --check"`, detail)
  }
  const [wasm, zkey] = await Promise.all([load('wasm'), load('zkey')])
  return { wasm, zkey }
}
