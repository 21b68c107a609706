import type { Assumed } from '../assumptions.ts'

/** Seconds of a month. */
export const MONTH = 30 * 86_400
const GIGABYTE = 1e9

/** Tokens for so much gas. */
export function gasCost(
  gas: number,
  { gasPrice, coinPrice }: Pick<Assumed, 'gasPrice' | 'coinPrice'>,
): number {
  return gas * gasPrice * 1e-9 * coinPrice
}

/** Tokens for sending so many bytes. */
export function trafficCost(bytes: number, { traffic }: Pick<Assumed, 'traffic'>): number {
  return (bytes / GIGABYTE) * traffic
}

/** Tokens for keeping so many bytes so many seconds. */
export function diskCost(bytes: number, seconds: number, { disk }: Pick<Assumed, 'disk'>): number {
  return (bytes / GIGABYTE) * (seconds / MONTH) * disk
}

/** Tokens for so many milliseconds of a core. */
export function cpuCost(ms: number, { core }: Pick<Assumed, 'core'>): number {
  return (ms / 1_000 / MONTH) * core
}

/** What one more page costs the node that answers it. */
export function pageCost(assumed: Assumed): number {
  return trafficCost(assumed.pageBytes, assumed) + cpuCost(assumed.pageCpu, assumed)
}

/** What one more message costs a node that checks, keeps and passes it on. */
export function messageCost(retention: number, assumed: Assumed): number {
  const { messageBytes, messageCpu, degree } = assumed
  return (
    cpuCost(messageCpu, assumed) +
    trafficCost(messageBytes * degree, assumed) +
    diskCost(messageBytes, retention, assumed)
  )
}
