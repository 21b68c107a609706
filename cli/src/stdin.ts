import { usage } from './errors.ts'
import { say } from './texts/say.ts'

const LIMIT = 256 * 1024

/** All of standard input, without its last line break. Refuses more than any message could hold. */
export async function readText(stdin: AsyncIterable<Uint8Array | string>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stdin) {
    const bytes = typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk
    size += bytes.length
    if (size > LIMIT) throw usage(say`Standard input is longer than ${LIMIT} bytes`, say`Send a shorter text`)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}
