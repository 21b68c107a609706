import { membershipTree, remoteProver, type Prover, type SlotInput } from '@teahouse/protocol/rln'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../storage/store.ts'
import { createProving } from './proving.ts'

const artifacts = { wasm: new Uint8Array(), zkey: new Uint8Array() }
const input: SlotInput = {
  secret: 5n,
  rateLimit: 3,
  messageId: 0,
  path: membershipTree().path(0),
  externalNullifier: 9n,
}

/** A prover whose worker answers each order with `result`, or never, and can be made to die. */
function proverOf(result?: unknown) {
  let answer: (message: unknown) => void = () => undefined
  let die: (cause: unknown) => void = () => undefined
  let terminated = false
  const prover: Prover = remoteProver(artifacts, {
    send(order) {
      if (result !== undefined && 'id' in (order as object))
        answer({ kind: 'result', id: (order as { id: number }).id, value: result })
    },
    receive: (listener) => (answer = listener),
    failed: (listener) => (die = listener),
    terminate: () => void (terminated = true),
  })
  return { prover, die: () => die(new RangeError('out of memory')), isTerminated: () => terminated }
}

describe('the prover that is held', () => {
  it('is opened when it is first needed, and again if that failed', async () => {
    let opened = 0
    const proving = createProving(async () => {
      if (++opened === 1) throw new RangeError('no artifacts')
      return proverOf('slot').prover
    }, memoryStore())
    expect(opened).toBe(0)
    await expect(proving.prepare(input, {})).rejects.toThrow('no artifacts')
    await proving.open()
    expect(await proving.prepare(input, {})).toBe('slot')
    expect(opened).toBe(2)
  })

  it('is replaced when its worker has died, and the dead one is stopped', async () => {
    const [first, second] = [proverOf(), proverOf('slot')]
    const left = [first.prover, second.prover]
    const proving = createProving(async () => left.shift()!, memoryStore())
    await proving.open()
    const failed = expect(proving.prepare(input, {})).rejects.toMatchObject({ code: 'PROVING_FAILED' })
    await Promise.resolve()
    first.die()
    await failed
    expect(first.isTerminated()).toBe(true)
    expect(await proving.prepare(input, {})).toBe('slot')
  })

  it('stays when what it was asked for was wrong', async () => {
    const { prover, isTerminated } = proverOf('slot')
    const left = [prover]
    const proving = createProving(async () => left.shift()!, memoryStore())
    const wrong = proving.prepare({ ...input, messageId: 3 }, {})
    await expect(wrong).rejects.toMatchObject({ code: 'OVER_LIMIT' })
    expect(await proving.prepare(input, {})).toBe('slot')
    expect(isTerminated()).toBe(false)
  })

  it('is not opened after the end', async () => {
    const proving = createProving(async () => proverOf('slot').prover, memoryStore())
    await proving.stop()
    await expect(proving.prepare(input, {})).rejects.toMatchObject({ code: 'PROVER_STOPPED' })
  })
})
