import { exposition } from './exposition.ts'
import { MESSAGES } from './families/messages.ts'
import { MONEY } from './families/money.ts'
import { NETWORK } from './families/network.ts'
import { PROCESS } from './families/process.ts'
import { PROMISES } from './families/promises.ts'
import { familyOf, type Metric } from './metric.ts'
import type { Readings } from './readings.ts'

/** Every metric of a node. docs/metrics.md says what each means and what to do about it; a test holds one against the other. */
export const METRICS: readonly Metric[] = [...PROCESS, ...MESSAGES, ...NETWORK, ...MONEY, ...PROMISES]

/** All metrics in Prometheus' text format. */
export function writeMetrics(now: Readings): string {
  return exposition(METRICS.map((metric) => familyOf(metric, now)))
}
