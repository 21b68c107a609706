import { setTimeout as sleep } from 'node:timers/promises'
import { must } from './start-error.ts'

const POLL_MS = 100

/**
 * What `look` finds, as soon as it finds anything but undefined or false.
 * @throws StartError STEP_BROKE_ITS_WORD with the promise `expected` if that takes longer than `timeoutMs`; what `look` throws.
 */
export async function eventually<T>(
  expected: string,
  timeoutMs: number,
  look: () => Promise<T | undefined | false>,
): Promise<T> {
  for (const deadline = Date.now() + timeoutMs; ; await sleep(POLL_MS)) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    must(Date.now() < deadline, expected)
  }
}
