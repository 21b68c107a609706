import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type MemoryFile, zKey } from 'snarkjs'
import type { Key } from './artifacts.ts'
import { type Circuit, ROOT } from './circuit.ts'
import { sha256 } from './compile.ts'
import { CircuitsError } from './errors.ts'
import type { Transcript } from './lock.ts'
import { collector, step } from './progress.ts'

/** A known value, so that nobody mistakes the development key for one that a ceremony made. */
const DEVELOPMENT_BEACON = { value: sha256('teahouse development key'), iterationsExponent: 10 }

/** snarkjs' first zkey of a circuit, without any contribution, and the hash of the circuit in it. */
export async function newKey(
  r1cs: Uint8Array,
  ptau: Uint8Array,
): Promise<{ zkey: Uint8Array; circuitHash: string }> {
  const zkey: MemoryFile = { type: 'mem' }
  const log = collector()
  const hash = await zKey.newZKey(r1cs, ptau, zkey, log)
  if (hash === -1 || !zkey.data) throw refused('set-up', log.lines)
  return { zkey: zkey.data, circuitHash: hex(hash) }
}

/** Adds one contribution with the system's randomness (and more, if given); `zkey` stays as it is. */
export async function contribute(
  zkey: Uint8Array,
  name: string,
  entropy = '',
): Promise<{ zkey: Uint8Array; hash: string }> {
  const to: MemoryFile = { type: 'mem' }
  const log = collector()
  const hash = await zKey.contribute(zkey, to, name, randomBytes(64).toString('hex') + entropy, log)
  if (!(hash instanceof Uint8Array) || !to.data) throw refused('contribution', log.lines)
  return { zkey: to.data, hash: hex(hash) }
}

/** Closes a key with a public random value: hex, hashed 2^exponent times. */
export async function applyBeacon(
  zkey: Uint8Array,
  value: string,
  iterationsExponent: number,
): Promise<{ zkey: Uint8Array; hash: string }> {
  const to: MemoryFile = { type: 'mem' }
  const log = collector()
  const hash = await zKey.beacon(zkey, to, 'beacon', value, iterationsExponent, log)
  if (!(hash instanceof Uint8Array) || !to.data) throw refused('beacon', log.lines)
  return { zkey: to.data, hash: hex(hash) }
}

/** What snarkjs finds in a key: whether it belongs to circuit and ptau, and its contributions' hashes, last first. */
export async function verifyKey(
  r1cs: Uint8Array,
  ptau: Uint8Array,
  zkey: Uint8Array,
): Promise<{ ok: boolean; lines: string[] }> {
  const log = collector()
  const ok = await zKey.verifyFromR1cs(r1cs, ptau, zkey, log)
  return { ok, lines: log.lines }
}

/** One contribution and a known beacon, on this machine: good for tests and local networks only. */
export async function developmentKey(circuit: Circuit, r1cs: Uint8Array): Promise<Key> {
  const powers = await readFile(join(ROOT, circuit.ptau))
  const first = await step('Set-up', () => newKey(r1cs, powers))
  const contributed = await step('Contribution', () => contribute(first.zkey, 'development'))
  const { value, iterationsExponent } = DEVELOPMENT_BEACON
  const closed = await step('Beacon', () => applyBeacon(contributed.zkey, value, iterationsExponent))
  const transcript: Transcript = {
    kind: 'development',
    circuitHash: first.circuitHash,
    contributions: [{ name: 'development', hash: contributed.hash }],
    beacon: { value, iterationsExponent, hash: closed.hash },
  }
  const ptau = { file: circuit.ptau, sha256: sha256(powers) }
  return { zkey: closed.zkey, ptau, transcript }
}

/** Bytes as lower-case hex. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function refused(stepName: string, lines: readonly string[]): CircuitsError {
  const said = lines.at(-1) ?? 'no reason given'
  return new CircuitsError(`snarkjs refused the ${stepName}: ${said}`, {
    code: 'SETUP_FAILED',
    step: stepName,
  })
}
