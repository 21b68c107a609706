import { PassThrough } from 'node:stream'
import type { ReadStream } from 'node:tty'
import { describe, expect, it } from 'vitest'
import { askSecret } from './ask-secret.ts'

/** A terminal that tells whether it would echo. */
function terminal() {
  const modes: boolean[] = []
  const input = Object.assign(new PassThrough(), { setRawMode: (raw: boolean) => modes.push(raw) })
  let shown = ''
  const ask = askSecret(input as unknown as ReadStream, { write: (text) => (shown += text) })
  return { ask, type: (keys: string) => input.write(keys), modes, shown: () => shown }
}

describe('a secret that is typed', () => {
  it('is read without echo, with corrections, one question after another', async () => {
    const { ask, type, modes, shown } = terminal()
    const first = ask('Passphrase: ')
    type('tee')
    type('\u007fa 茶\r')
    expect(await first).toBe('tea 茶')
    const second = ask('Again: ')
    type('x\n')
    expect(await second).toBe('x')
    expect(modes).toEqual([true, false, true, false])
    expect(shown()).toBe('Passphrase: \nAgain: \n')
  })

  it('is given up with Ctrl-C, and the terminal echoes again', async () => {
    const { ask, type, modes } = terminal()
    const answer = ask('Passphrase: ')
    type('te\u0003')
    await expect(answer).rejects.toMatchObject({ code: 'INTERRUPTED' })
    expect(modes).toEqual([true, false])
  })
})
