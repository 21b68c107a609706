import { createInterface } from 'node:readline/promises'
import type { ReadStream, WriteStream } from 'node:tty'

/** Asks on a terminal; an answer is one line. Rejects on Ctrl-C. */
export function ask(
  input: ReadStream,
  output: WriteStream,
  signal: AbortSignal,
): (question: string) => Promise<string> {
  return async (question) => {
    const lines = createInterface({ input, output })
    try {
      return (await lines.question(question, { signal })).trim()
    } finally {
      lines.close()
    }
  }
}
