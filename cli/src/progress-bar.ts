import type { Session } from './session.ts'
import { say, type Said } from './texts/say.ts'

export interface ProgressBar {
  /** Shows how much is done. */
  readonly show: (done: number) => void
  /** Takes the bar away when `work` has ended, and gives back what came of it. */
  end<T>(work: Promise<T>): Promise<T>
}

const WIDTH = 30
const EVERY_MS = 100

type Count = (count: string) => Said
export const inMessages: Count = (count) => say`${count} messages`
export const inBytes: Count = (count) => say`${count} bytes`

interface BarSession {
  readonly world: { readonly stderr: Session['world']['stderr'] }
  readonly output: Pick<Session['output'], 'shown'>
}

/** A bar on a terminal; nothing elsewhere. Without a `total` it counts. */
export function progressBar(
  { world: { stderr: stream }, output }: BarSession,
  counted: Count,
  total?: number,
  now = Date.now,
): ProgressBar {
  if (stream.isTTY !== true) return { show: () => undefined, end: (work) => work }
  let shownAt = -Infinity
  return {
    show(done) {
      if (now() - shownAt < EVERY_MS) return
      shownAt = now()
      const count = done.toLocaleString('en')
      if (total === undefined) return void stream.write(`\r${output.shown(counted(count))}`)
      const share = Math.min(1, done / Math.max(1, total))
      const full = Math.round(WIDTH * share)
      const bar = '#'.repeat(full).padEnd(WIDTH, '.')
      const text = say`${Math.floor(100 * share)} %, ${count} of ${counted(total.toLocaleString('en'))}`
      stream.write(`\r[${bar}] ${output.shown(text)}`)
    },
    async end(work) {
      try {
        return await work
      } finally {
        stream.write('\r\u001b[K')
      }
    },
  }
}
