import { afterAll, describe, expect, it } from 'vitest'
import { FIELD } from './field.ts'
import { createProver, type ProverInput } from './prover.ts'
import { membershipTree } from './tree.ts'

const EMPTY = new Uint8Array()
const input: ProverInput = {
  secret: 5n,
  rateLimit: 3,
  messageId: 0,
  path: membershipTree().path(0),
  x: 7n,
  externalNullifier: 9n,
}

describe('when the prover must refuse before any work', () => {
  const prover = createProver({ wasm: EMPTY, zkey: EMPTY })
  afterAll(() => prover.stop())

  it.each<{ given: string; change: Partial<ProverInput>; code: string }>([
    { given: 'a message id at the limit', change: { messageId: 3 }, code: 'OVER_LIMIT' },
    { given: 'a message id above the limit', change: { messageId: 70_000 }, code: 'OVER_LIMIT' },
    { given: 'a negative message id', change: { messageId: -1 }, code: 'OVER_LIMIT' },
    { given: 'half a message id', change: { messageId: 0.5 }, code: 'OVER_LIMIT' },
    { given: 'a limit of zero', change: { rateLimit: 0 }, code: 'BAD_LIMIT' },
    { given: 'a limit of 17 bits', change: { rateLimit: 65_536 }, code: 'BAD_LIMIT' },
    { given: 'a secret that is not reduced', change: { secret: FIELD }, code: 'OUT_OF_FIELD' },
    { given: 'a negative secret', change: { secret: -5n }, code: 'OUT_OF_FIELD' },
    { given: 'x = 0', change: { x: 0n }, code: 'ZERO_X' },
    { given: 'an x that is not reduced', change: { x: FIELD }, code: 'OUT_OF_FIELD' },
    { given: 'a short path', change: { path: membershipTree(19).path(0) }, code: 'BAD_PATH' },
    {
      given: 'a path with a third side',
      change: { path: { ...input.path, indices: input.path.indices.map(() => 2) } },
      code: 'BAD_PATH',
    },
    {
      given: 'a path that is not reduced',
      change: { path: { ...input.path, elements: input.path.elements.map(() => FIELD) } },
      code: 'OUT_OF_FIELD',
    },
  ])('given $given, answers $code', async ({ change, code }) => {
    await expect(prover.prove({ ...input, ...change })).rejects.toMatchObject({ code })
  })

  it('given a signal that has fired, answers ABORTED with its reason', async () => {
    const signal = AbortSignal.abort('enough')
    await expect(prover.prove(input, { signal })).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' })
  })

  it('given a broken artifact, answers PROVING_FAILED', async () => {
    await expect(prover.prove(input)).rejects.toMatchObject({ code: 'PROVING_FAILED' })
  })

  it('once stopped, answers PROVER_STOPPED', async () => {
    const stopped = createProver({ wasm: EMPTY, zkey: EMPTY })
    await stopped.stop()
    await expect(stopped.prove(input)).rejects.toMatchObject({ code: 'PROVER_STOPPED' })
  })
})
