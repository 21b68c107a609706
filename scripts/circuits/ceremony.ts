import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { outputsOf, writeOutputs } from './artifacts.ts'
import { artifactPaths, type Circuit } from './circuit.ts'
import { compile, sha256 } from './compile.ts'
import { CircuitsError } from './errors.ts'
import { applyBeacon, contribute, newKey, verifyKey } from './keys.ts'
import { Transcript } from './lock.ts'
import { step } from './progress.ts'
import { z } from 'zod'

/** What a ceremony's folder says about itself; contributors pass the folder on. */
const State = z.strictObject({ circuit: z.string(), ptauSha256: z.string(), transcript: Transcript })
type State = z.infer<typeof State>

const STATE = 'ceremony.json'
const keyFile = (number: number) => `${String(number).padStart(4, '0')}.zkey`

/** Starts a ceremony in `folder` over a prepared ptau file. Throws CircuitsError BAD_CEREMONY if one is there. */
export async function init(
  circuit: Pick<Circuit, 'name' | 'main'>,
  folder: string,
  ptau: string,
): Promise<void> {
  const powers = await readPowers(ptau)
  await mkdir(folder, { recursive: true })
  if ((await readdir(folder)).length > 0) throw bad(`${folder} is not empty`)
  const { r1cs } = await step('Compile', () => compile(circuit))
  const { zkey, circuitHash } = await step('Set-up', () => newKey(r1cs, powers))
  await writeFile(join(folder, keyFile(0)), zkey)
  const transcript: Transcript = { kind: 'ceremony', circuitHash, contributions: [], beacon: null }
  await writeState(folder, { circuit: circuit.main, ptauSha256: sha256(powers), transcript })
  console.log(`Circuit hash ${circuitHash}`)
}

/** Adds the next contribution and prints its hash, which the contributor publishes. */
export async function addContribution(folder: string, name: string, entropy: string): Promise<void> {
  const state = await readState(folder)
  const { transcript } = state
  if (transcript.beacon) throw bad('the beacon has closed it')
  const number = transcript.contributions.length
  const from = await readFile(join(folder, keyFile(number)))
  const { zkey, hash } = await step(`Contribution ${number + 1} of ${name}`, () =>
    contribute(from, name, entropy),
  )
  await writeFile(join(folder, keyFile(number + 1)), zkey, { flag: 'wx' })
  const contributions = [...transcript.contributions, { name, hash }]
  await writeState(folder, { ...state, transcript: { ...transcript, contributions } })
  console.log(`Publish this hash: ${hash}`)
}

/** Closes the ceremony with a public random value that nobody could know before the last contribution. */
export async function close(folder: string, value: string, iterationsExponent: number): Promise<void> {
  const state = await readState(folder)
  const { transcript } = state
  if (transcript.beacon) throw bad('the beacon has closed it already')
  const number = transcript.contributions.length
  if (number === 0) throw bad('nobody has contributed')
  const from = await readFile(join(folder, keyFile(number)))
  const { zkey, hash } = await step('Beacon', () => applyBeacon(from, value, iterationsExponent))
  await writeFile(join(folder, 'final.zkey'), zkey, { flag: 'wx' })
  await writeState(folder, {
    ...state,
    transcript: { ...transcript, beacon: { value, iterationsExponent, hash } },
  })
}

/**
 * Checks the newest key against the recompiled circuit, the ptau and every hash of the transcript.
 * Throws CircuitsError BAD_CEREMONY saying what does not hold.
 */
export async function verify(
  circuit: Pick<Circuit, 'name' | 'main'>,
  folder: string,
  ptau: string,
): Promise<State> {
  const state = await readState(folder)
  const powers = await readPowers(ptau)
  if (state.ptauSha256 !== sha256(powers)) throw bad('it was started over another ptau')
  const { r1cs } = await step('Compile', () => compile(circuit))
  const zkey = await readFile(join(folder, newestKey(state.transcript)))
  await step('Verify', () => checkKey(r1cs, powers, zkey, state.transcript))
  return state
}

/** Verifies a closed ceremony, then makes its key the committed one, with all that follows from it. */
export async function adopt(circuit: Circuit, folder: string, ptau: string): Promise<void> {
  const { transcript, ptauSha256 } = await verify(circuit, folder, ptau)
  if (!transcript.beacon) throw bad('it is not closed: run "ceremony beacon" first')
  const compiled = await compile(circuit)
  const zkey = await readFile(join(folder, 'final.zkey'))
  await writeOutputs(
    await outputsOf(circuit, compiled, {
      zkey,
      ptau: { file: basename(ptau), sha256: ptauSha256 },
      transcript,
    }),
  )
  console.log(`Adopted into ${artifactPaths(circuit).zkey}: commit it with this folder's ${STATE}`)
}

/** Throws CircuitsError BAD_CEREMONY unless snarkjs accepts the key and finds exactly the transcript in it. */
export async function checkKey(
  r1cs: Uint8Array,
  ptau: Uint8Array,
  zkey: Uint8Array,
  transcript: Transcript,
): Promise<void> {
  const { ok, lines } = await verifyKey(r1cs, ptau, zkey)
  if (!ok) throw bad(`snarkjs refuses the key: ${lines.at(-1) ?? 'no reason given'}`)
  const said = lines.map((line) => line.replaceAll(/\s/g, ''))
  const expected = [...transcript.contributions, ...(transcript.beacon ? [transcript.beacon] : [])].map(
    ({ hash }) => hash,
  )
  const found = said
    .filter((line) => /^contribution#\d+/.test(line))
    .map((line) => line.slice(-128))
    .reverse()
  if (expected.join() !== found.join()) throw bad('the transcript does not tell the contributions in the key')
  if (!said.some((line) => line.endsWith(transcript.circuitHash))) throw bad('the key is of another circuit')
}

function newestKey({ contributions, beacon }: Transcript): string {
  return beacon ? 'final.zkey' : keyFile(contributions.length)
}

async function readPowers(ptau: string): Promise<Uint8Array> {
  return await readFile(ptau).catch((cause: unknown) => {
    throw bad(`the powers of tau ${ptau} cannot be read`, cause)
  })
}

async function readState(folder: string): Promise<State> {
  const text = await readFile(join(folder, STATE), 'utf8').catch((cause: unknown) => {
    throw bad(`${folder} holds no ${STATE}: run "ceremony init" first`, cause)
  })
  return State.parse(JSON.parse(text))
}

async function writeState(folder: string, state: State): Promise<void> {
  await writeFile(join(folder, STATE), JSON.stringify(state, undefined, 2) + '\n')
}

function bad(reason: string, cause?: unknown): CircuitsError {
  return new CircuitsError(
    `The ceremony does not hold: ${reason}`,
    { code: 'BAD_CEREMONY', reason },
    { cause },
  )
}
