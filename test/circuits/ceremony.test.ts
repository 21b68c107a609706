import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { curves, groth16, type MemoryFile, powersOfTau, wtns, zKey } from 'snarkjs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { addContribution, close, init, verify } from '../../scripts/circuits/ceremony.ts'
import { compile } from '../../scripts/circuits/compile.ts'
import { endWorkers } from './support/rln.ts'

const CIRCUIT = { name: 'product', main: 'test/circuits/fixtures/product.circom' }
const BEACON = 'ab'.repeat(32)
let temporary: string
let ptau: string
let folder: string

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'teahouse-ceremony-'))
  ptau = join(temporary, 'tiny.ptau')
  const [start, contributed, prepared] = Array.from({ length: 3 }, (): MemoryFile => ({ type: 'mem' }))
  await powersOfTau.newAccumulator(await curves.getCurveFromName('bn128'), 4, start!)
  await powersOfTau.contribute(start!, contributed!, 'test', 'entropy')
  await powersOfTau.preparePhase2(contributed!, prepared!)
  await writeFile(ptau, prepared!.data!)
}, 120_000)
beforeEach(async () => {
  vi.spyOn(console, 'log').mockReturnValue()
  folder = await mkdtemp(join(temporary, 'ceremony-'))
})
afterEach(() => void vi.restoreAllMocks())
afterAll(async () => {
  await rm(temporary, { recursive: true, force: true })
  await endWorkers()
})

const stateFile = () => join(folder, 'ceremony.json')
const holds = { code: 'BAD_CEREMONY' }

describe('a ceremony', () => {
  it('goes from hand to hand and ends in a key that proves', { timeout: 120_000 }, async () => {
    await init(CIRCUIT, folder, ptau)
    await addContribution(folder, 'Ada', '')
    await addContribution(folder, 'Berta', 'dice: 4 2 6')
    await verify(CIRCUIT, folder, ptau)
    await close(folder, BEACON, 10)
    const { transcript } = await verify(CIRCUIT, folder, ptau)
    expect(transcript.contributions.map(({ name }) => name)).toEqual(['Ada', 'Berta'])

    const zkey = new Uint8Array(await readFile(join(folder, 'final.zkey')))
    const witness: MemoryFile = { type: 'mem' }
    const { wasm } = await compile(CIRCUIT)
    await wtns.calculate({ left: 6n, right: 7n }, wasm, witness)
    const { proof, publicSignals } = await groth16.prove(zkey, witness)
    expect(publicSignals).toEqual(['42'])
    expect(await groth16.verify(await zKey.exportVerificationKey(zkey), publicSignals, proof)).toBe(true)
  })
})

describe('when a ceremony must be refused', () => {
  beforeEach(async () => {
    await init(CIRCUIT, folder, ptau)
    await addContribution(folder, 'Ada', '')
  })

  it('given a transcript that leaves a contribution out', { timeout: 120_000 }, async () => {
    await addContribution(folder, 'Berta', '')
    const state = await readFile(stateFile(), 'utf8')
    await writeFile(stateFile(), state.replace(/"hash": "[0-9a-f]{128}"/, `"hash": "${'0'.repeat(128)}"`))
    await expect(verify(CIRCUIT, folder, ptau)).rejects.toMatchObject(holds)
  })

  it('given a key that was swapped for one without contributions', { timeout: 120_000 }, async () => {
    await writeFile(join(folder, '0001.zkey'), await readFile(join(folder, '0000.zkey')))
    await expect(verify(CIRCUIT, folder, ptau)).rejects.toMatchObject(holds)
  })

  it('given other powers of tau', async () => {
    const other = join(folder, 'other.ptau')
    await writeFile(other, 'something else')
    await expect(verify(CIRCUIT, folder, other)).rejects.toMatchObject(holds)
  })

  it('given a contribution or a second beacon after the beacon', async () => {
    await close(folder, BEACON, 10)
    await expect(addContribution(folder, 'late', '')).rejects.toMatchObject(holds)
    await expect(close(folder, BEACON, 10)).rejects.toMatchObject(holds)
  })

  it('given a folder with something in it, or with nothing', async () => {
    await expect(init(CIRCUIT, folder, ptau)).rejects.toMatchObject(holds)
    await expect(addContribution(join(temporary, 'nowhere'), 'Ada', '')).rejects.toMatchObject(holds)
  })
})
