import { bytesToHex } from '@noble/hashes/utils.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { groth16, wtns } from 'snarkjs'
import {
  createProver,
  createVerifier,
  decodeSlot,
  encodeSlot,
  FIELD,
  membershipTree,
  type MadeProof,
  type RlnProof,
  type Slot,
  slotFinisher,
  type SlotFinisher,
} from '@teahouse/protocol/rln'
import { createProvingCore, type ProvingCore } from '../../protocol/src/rln/proving/core.ts'
import { witnessCalculator } from '../../protocol/src/rln/groth16/witness.ts'
import { artifacts, endWorkers, memberAt } from './support/rln.ts'
import { circuitInput } from '@teahouse/protocol/rln'

const { root, input } = memberAt(5)
const verifier = createVerifier(artifacts.vkey)
const go = () => Promise.resolve()
let core: ProvingCore
let finisher: SlotFinisher

beforeAll(async () => {
  core = await createProvingCore(artifacts)
  finisher = await slotFinisher()
})
afterAll(async () => {
  await verifier.stop()
  await endWorkers()
})

/** Whether both snarkjs and our verifier accept it. */
async function holds({ proof: { a, b, c }, ...claim }: RlnProof): Promise<boolean> {
  const text = (values: readonly bigint[]) => values.map(String)
  const { y, nullifier, x, externalNullifier } = claim
  const signals = text([y, claim.root, nullifier, x, externalNullifier])
  const proof = {
    pi_a: [...text(a), '1'],
    pi_b: [text(b[0]), text(b[1]), ['1', '0']],
    pi_c: [...text(c), '1'],
    protocol: 'groth16',
    curve: 'bn128',
  }
  const ours = await verifier.verify({ proof: { a, b, c }, ...claim })
  const theirs = await groth16.verify(artifacts.vkey, signals, proof)
  expect(ours).toBe(theirs)
  return ours
}

const randomX = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(40))
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) % FIELD
}
const prove = (change: Partial<typeof input> = {}): Promise<MadeProof> =>
  core.prove(circuitInput({ ...input, ...change }), go)
const prepare = (messageId = 0): Promise<Slot> => core.prepare(circuitInput({ ...input, messageId }), go)

describe('witnesses', () => {
  it('are those of snarkjs, input after input on one instance', async () => {
    const calculate = await witnessCalculator(artifacts.wasm)
    for (const change of [{}, { x: FIELD - 1n }, { messageId: 3 }, memberAt(9, 7, 11n).input]) {
      const theirs = { type: 'mem' as const }
      const signals = circuitInput({ ...input, ...change })
      await wtns.calculate({ ...signals }, artifacts.wasm, theirs)
      const expected = await wtns.exportJson(theirs)
      const ours = new BigUint64Array(calculate(signals).buffer)
      const values = expected.map((_, at) =>
        [3, 2, 1, 0].reduce((sum, word) => (sum << 64n) | ours[4 * at + word]!, 0n),
      )
      expect(values).toEqual(expected)
    }
  })

  it.each([
    { given: 'a message id over the limit', change: { messageId: 10n } },
    {
      given: 'a path side that is no bit',
      change: { identityPathIndex: Array.from({ length: 20 }, () => 2n) },
    },
    { given: 'a short path', change: { pathElements: [1n] } },
    { given: 'an unknown signal', change: { other: 1n } },
    { given: 'a missing signal', change: { x: [] } },
  ])('are refused for $given', async ({ change }) => {
    const calculate = await witnessCalculator(artifacts.wasm)
    const signals = { ...circuitInput(input), ...change }
    expect(() => calculate(signals)).toThrow(expect.objectContaining({ code: 'PROVING_FAILED' }))
    expect(calculate(circuitInput(input)).length).toBeGreaterThan(0) // the instance is still good
  })
})

describe('a proof without a slot', { timeout: 120_000 }, () => {
  it('holds on the plain path and on the cached one, under roots and members that change', async () => {
    const other = memberAt(900, 20, 77n)
    const paths: string[] = []
    for (const change of [{}, { messageId: 1 }, other.input, { ...other.input, messageId: 9 }, { x: 5n }]) {
      const { path, ...proof } = await prove(change)
      paths.push(path)
      expect(await holds(proof)).toBe(true)
      expect(proof.root).toBe('path' in change ? other.root : root)
    }
    expect(paths).toEqual(['plain', 'cached', 'plain', 'cached', 'plain'])
  })

  it('has fresh randomness: the same input never gives the same proof', async () => {
    const [one, two] = [await prove({ x: 8n }), await prove({ x: 8n })]
    expect({ ...one, proof: undefined, path: '' }).toEqual({ ...two, proof: undefined, path: '' })
    expect(one.proof.a).not.toEqual(two.proof.a)
    expect(one.proof.b).not.toEqual(two.proof.b)
    expect(one.proof.c).not.toEqual(two.proof.c)
  })
})

describe('a slot', { timeout: 120_000 }, () => {
  it('becomes a proof that holds, for any x', async () => {
    const slot = await prepare(2)
    const edges = [1n, 2n, FIELD - 1n, (FIELD - 1n) / 2n]
    for (const x of [...edges, ...Array.from({ length: 16 }, randomX)]) {
      const proof = finisher.finish(slot, x)
      expect(proof).toMatchObject({ x, root, externalNullifier: input.externalNullifier })
      expect(await holds(proof)).toBe(true)
    }
  })

  it('says what a proof without a slot says', async () => {
    const x = randomX()
    const { proof: _one, ...finished } = finisher.finish(await prepare(3), x)
    const { proof: _two, path: _path, ...plain } = await prove({ messageId: 3, x })
    expect(finished).toEqual(plain)
  })

  it('holds for no other x, y or root', async () => {
    const proof = finisher.finish(await prepare(4), 99n)
    for (const change of [{ x: 98n }, { y: proof.y + 1n }, { root: 1n }, { nullifier: 1n }]) {
      expect(await holds({ ...proof, ...change })).toBe(false)
    }
  })

  it('survives encoding', async () => {
    const slot = await prepare(5)
    expect(decodeSlot(encodeSlot(slot))).toEqual(slot)
  })

  it('has fresh r and s: slots of one input have nothing random in common', async () => {
    const slots = [await prepare(6), await prepare(6), await prepare(6)]
    for (const name of ['a0', 'b0', 'c0', 'cx'] as const) {
      expect(new Set(slots.map((slot) => bytesToHex(slot[name]))).size).toBe(slots.length)
    }
    // What moves with x is fixed by the statement alone.
    for (const name of ['ax', 'bx', 'cxx'] as const) {
      expect(new Set(slots.map((slot) => bytesToHex(slot[name]))).size).toBe(1)
    }
  })

  it('runs no proof when it is finished', async () => {
    const slot = await prepare(7)
    const before = { ...core.counters }
    finisher.finish(slot, 12n)
    expect(core.counters).toEqual(before)
  })

  it('is refused at x = 0 and beyond the field', async () => {
    const slot = await prepare(8)
    const code = (x: bigint) => {
      try {
        finisher.finish(slot, x)
      } catch (error) {
        return (error as { code: string }).code
      }
      return 'none'
    }
    expect([0n, -1n, FIELD].map(code)).toEqual(['ZERO_X', 'OUT_OF_FIELD', 'OUT_OF_FIELD'])
    expect(() => decodeSlot(encodeSlot(slot).subarray(1))).toThrow(
      expect.objectContaining({ code: 'BAD_SLOT' }),
    )
  })

  it('needs a whole key of this curve', async () => {
    const zkey = new Uint8Array(artifacts.zkey)
    for (const at of [0, 4, 24, 40, 50]) {
      const broken = zkey.slice()
      broken[at]! ^= 255
      await expect(createProvingCore({ ...artifacts, zkey: broken })).rejects.toMatchObject({
        code: 'PROVING_FAILED',
      })
    }
    for (const length of [0, 100, zkey.length - 1]) {
      const cut = { ...artifacts, zkey: zkey.subarray(0, length) }
      await expect(createProvingCore(cut)).rejects.toMatchObject({ code: 'PROVING_FAILED' })
    }
  })
})

describe('the prover', { timeout: 120_000 }, () => {
  const prover = createProver(artifacts)
  afterAll(() => prover.stop())

  it('lets the thread go on, tells its progress, and counts', async () => {
    const seen: number[] = []
    let ticks = 0
    const timer = setInterval(() => ticks++, 1)
    await prover.prepare(input, { onProgress: (done) => seen.push(done) })
    clearInterval(timer)
    expect(ticks).toBeGreaterThan(3)
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
    expect(seen.at(-1)).toBe(1)
    expect(await prover.counters()).toMatchObject({ slots: 1, plain: 0, cached: 0 })
  })

  it.each(['prove', 'prepare'] as const)('stops a %s at its next step when told so', async (task) => {
    const controller = new AbortController()
    const onProgress = (done: number) => done > 0.09 && controller.abort('enough')
    const result = prover[task](input, { signal: controller.signal, onProgress })
    await expect(result).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' })
    const before = await prover.counters()
    const { path, ...proof } = await prover.prove(input) // and goes on after
    expect(await holds(proof)).toBe(true)
    expect(await prover.counters()).toMatchObject({
      slots: before.slots,
      [path]: before[path as 'plain'] + 1,
    })
  })

  it('refuses a member that is not in the tree it names, by its root', async () => {
    const empty = membershipTree()
    const { root: proved } = await prover.prove({ ...input, path: empty.path(5) })
    expect(proved).not.toBe(empty.root)
  })
})
