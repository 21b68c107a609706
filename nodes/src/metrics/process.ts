import { readdir } from 'node:fs/promises'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'

type DelayHistogram = ReturnType<typeof monitorEventLoopDelay>

/** What the process takes of the machine. */
export interface ProcessReading {
  /** Unix seconds. */
  readonly startedAt: number
  readonly cpuSeconds: number
  readonly residentBytes: number
  readonly heapBytes: number
  readonly externalBytes: number
  /** Undefined where the system does not tell. */
  readonly openFiles: number | undefined
  /** Seconds since the start in which the event loop had work. */
  readonly loopActiveSeconds: number
  /** Seconds by which the event loop was late since the last reading, by quantile; none at the first. */
  readonly loopDelay: ReadonlyMap<number, number>
}

/** Milliseconds between two looks at the event loop, and without a reading after which it is looked at no more. */
const RESOLUTION_MS = 20
const UNREAD_MS = 300_000
const QUANTILES = [0.5, 0.99, 1]
const MS = 1_000
const NS = 1e9

/** Reads the process. The delay of the event loop is measured only while somebody goes on reading it: it takes a timer of its own. */
export function processReader(): { read(): Promise<ProcessReading>; stop(): void } {
  let delay: DelayHistogram | undefined
  let unread: NodeJS.Timeout | undefined

  function stop(): void {
    clearTimeout(unread)
    delay?.disable()
    delay = undefined
  }

  function readDelay(): ReadonlyMap<number, number> {
    clearTimeout(unread)
    unread = setTimeout(stop, UNREAD_MS).unref()
    if (delay === undefined || delay.count === 0) {
      delay ??= startDelay()
      return new Map()
    }
    const late = (ns: number) => Math.max(0, ns / NS - RESOLUTION_MS / MS)
    const seen = QUANTILES.map((quantile) => [quantile, late(delay!.percentile(quantile * 100))] as const)
    delay.reset()
    return new Map(seen)
  }

  return {
    async read() {
      const { rss, heapUsed, external } = process.memoryUsage()
      const { user, system } = process.cpuUsage()
      return {
        startedAt: performance.timeOrigin / MS,
        cpuSeconds: (user + system) / 1e6,
        residentBytes: rss,
        heapBytes: heapUsed,
        externalBytes: external,
        openFiles: await openFiles(),
        loopActiveSeconds: performance.eventLoopUtilization().active / MS,
        loopDelay: readDelay(),
      }
    },
    stop,
  }
}

function startDelay(): DelayHistogram {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  return delay
}

/** Linux tells by a folder; elsewhere there is no such file. */
async function openFiles(): Promise<number | undefined> {
  return await readdir('/proc/self/fd').then(
    (names) => names.length,
    () => undefined,
  )
}
