import { describe, expect, it } from 'vitest'
import { CliError } from '../../errors.ts'
import { followDrain } from './drain.ts'

const BEGUN = { state: 'leaving', pending: 7n }
const DRAINED = { state: 'drained', pending: '0' }

/** A node that gives these answers, and none after them; undefined for none. */
function answering(...answers: (object | undefined)[]) {
  const look = async () => {
    const answer = answers.shift()
    if (answer) return answer
    throw new CliError('down', { code: 'NODE_DOWN', apiUrl: 'http://127.0.0.1:1' })
  }
  return { look, pause: async () => undefined }
}

describe('following a drain', () => {
  it('is told what is collected, though an answer was slow', async () => {
    const said = [undefined, undefined, { state: 'settling', pending: '7' }, undefined, DRAINED]
    expect(await followDrain(BEGUN, answering(...said))).toEqual({ state: 'drained', pending: 0n })
  })

  it('fails if the node is silent and has not said that it is drained', async () => {
    const silent = answering({ state: 'settling', pending: '0' })
    await expect(followDrain(BEGUN, silent)).rejects.toMatchObject({ code: 'NODE_DOWN' })
  })
})
