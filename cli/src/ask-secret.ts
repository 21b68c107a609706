import type { ReadStream } from 'node:tty'
import { CliError } from './errors.ts'

const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const ERASE = ['\u0008', '\u007f']

/** Asks on a terminal, and shows nothing of what is typed. Throws CliError INTERRUPTED on Ctrl-C. */
export function askSecret(
  input: ReadStream,
  output: { write(text: string): unknown },
): (question: string) => Promise<string> {
  return (question) =>
    new Promise((resolve, reject) => {
      output.write(question)
      const typed: string[] = []
      const end = (finish: () => void) => {
        input.off('data', read)
        input.setRawMode(false)
        input.pause()
        output.write('\n')
        finish()
      }
      const read = (chunk: Buffer | string): void => {
        for (const key of chunk.toString()) {
          if (key === '\r' || key === '\n' || key === CTRL_D) return end(() => resolve(typed.join('')))
          if (key === CTRL_C) {
            return end(() => reject(new CliError('Interrupted', { code: 'INTERRUPTED' })))
          }
          if (ERASE.includes(key)) typed.pop()
          else if (key >= ' ') typed.push(key)
        }
      }
      input.setRawMode(true)
      input.on('data', read)
      input.resume()
    })
}
