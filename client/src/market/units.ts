import type { ServiceName } from '../net/directory.ts'

/** What is sold by the unit, by its name in offers (docs/wire/pay.md), and the service under which a node registers for it. */
export const UNITS = {
  'store-query': 'store',
  'store-kilobyte': 'store',
  'blob-day': 'store',
  'blob-get': 'store',
  lightpush: 'lightpush',
  proof: 'lightpush',
} as const satisfies Record<string, ServiceName>

export type Unit = keyof typeof UNITS
