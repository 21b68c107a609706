import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { LOCK, ROOT } from './circuit.ts'

const hash = z.string().regex(/^[0-9a-f]{64}$/)

/** How a key came about: each contribution's hash as snarkjs prints it (blake2b, hex). */
export const Transcript = z.strictObject({
  kind: z.enum(['development', 'ceremony']),
  circuitHash: z.string(),
  contributions: z.array(z.strictObject({ name: z.string(), hash: z.string() })),
  beacon: z.strictObject({ value: z.string(), iterationsExponent: z.int(), hash: z.string() }).nullable(),
})
export type Transcript = z.infer<typeof Transcript>

/** The lock file: what the committed artifacts are and what they were made from. */
export const Lock = z.strictObject({
  circuit: z.string(),
  tools: z.record(z.string(), z.string()),
  flags: z.array(z.string()),
  sources: z.record(z.string(), hash),
  ptau: z.strictObject({ file: z.string(), sha256: hash }),
  artifacts: z.strictObject({ r1cs: hash, wasm: hash, zkey: hash, vkey: hash, verifier: hash }),
  transcript: Transcript,
})
export type Lock = z.infer<typeof Lock>

/** Reads the committed lock file; undefined if there is none yet. */
export async function readLock(): Promise<Lock | undefined> {
  const text = await readFile(join(ROOT, LOCK), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  return text === undefined ? undefined : Lock.parse(JSON.parse(text))
}
