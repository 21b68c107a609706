import type { Streams } from './output.ts'

export interface ProgressBar {
  /** Shows how much is done. */
  readonly show: (done: number) => void
  /** Takes the bar away when `work` has ended, and gives back what came of it. */
  end<T>(work: Promise<T>): Promise<T>
}

const WIDTH = 30
const EVERY_MS = 100

/** A bar on a terminal; nothing elsewhere. Without a `total` it counts. */
export function progressBar(
  stream: Streams['stderr'],
  total?: number,
  now = Date.now,
  unit = 'messages',
): ProgressBar {
  if (stream.isTTY !== true) return { show: () => undefined, end: (work) => work }
  let shownAt = -Infinity
  return {
    show(done) {
      if (now() - shownAt < EVERY_MS) return
      shownAt = now()
      const count = done.toLocaleString('en')
      if (total === undefined) return void stream.write(`\r${count} ${unit}`)
      const share = Math.min(1, done / Math.max(1, total))
      const full = Math.round(WIDTH * share)
      const bar = '#'.repeat(full).padEnd(WIDTH, '.')
      stream.write(
        `\r[${bar}] ${Math.floor(100 * share)} %, ${count} of ${total.toLocaleString('en')} ${unit}`,
      )
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
