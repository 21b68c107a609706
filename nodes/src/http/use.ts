import { histogram, type HistogramCounts } from '../histogram.ts'
import { tally } from '../tally.ts'

/** HTTP requests since the start. */
export interface HttpUse {
  /** Under `METHOD /path/{of the route} status`. */
  readonly answers: Readonly<Partial<Record<string, number>>>
  readonly seconds: HistogramCounts
}

/** Counts the answers of the API. `path` is that of the route, with its parameters in braces; a request for none has none. */
export interface HttpCounter {
  answered(method: string, path: string | undefined, status: number, seconds: number): void
  read(): HttpUse
}

/** Methods that are told apart: who asks may make others up. */
const METHODS = new Set(['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'])

export function httpCounter(): HttpCounter {
  const answers = tally()
  const all = histogram()
  return {
    answered(method, path = 'none', status, seconds) {
      answers.add(`${METHODS.has(method) ? method : 'other'} ${path} ${status}`)
      all.observe(seconds)
    },
    read: () => ({ answers: answers.counts(), seconds: all.read() }),
  }
}
