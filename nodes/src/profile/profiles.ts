import { SERVICES } from '@teahouse/protocol/chain'
import { CAPABILITIES } from '@teahouse/protocol/wire'

/** What a node is for. */
export const PROFILES = ['edge', 'relay', 'store', 'full'] as const
export type Profile = (typeof PROFILES)[number]

/** Parts of a node that a profile has or has not; everything else runs in all of them. */
export type Part =
  | 'archive'
  | 'introductions'
  | 'relay'
  | 'uplink'
  | 'filter'
  | 'lightpush'
  | 'store'
  | 'sync'
  | 'roots'
  | 'blobs'

/** In the order in which they start: sync looks at what was there before anything new is received. */
const PARTS: Readonly<Record<Profile, readonly Part[]>> = {
  edge: ['uplink', 'filter', 'lightpush'],
  relay: ['relay', 'introductions'],
  store: ['archive', 'sync', 'relay', 'store', 'roots', 'blobs', 'introductions'],
  full: ['archive', 'sync', 'relay', 'filter', 'lightpush', 'store', 'roots', 'blobs', 'introductions'],
}

export const partsOf = (profile: Profile): readonly Part[] => PARTS[profile]

/** The bits of the on-chain record for what a profile serves. */
export function serviceBits(profile: Profile): number {
  const parts = PARTS[profile]
  return Object.entries(SERVICES)
    .filter(([name]) => parts.includes(name as Part))
    .reduce((all, [, bit]) => all | bit, 0)
}

/** The bits of a node record, the `waku2` of an ENR, for what a profile serves. */
export function capabilityBits(profile: Profile): number {
  const bits: Partial<Record<Part, number>> = {
    relay: CAPABILITIES.relay,
    store: CAPABILITIES.store,
    filter: CAPABILITIES.filter,
    lightpush: CAPABILITIES.lightPush,
    sync: CAPABILITIES.sync,
  }
  return PARTS[profile].reduce((all, part) => all | (bits[part] ?? 0), 0)
}

/** The budgets that hold. Null for no limit. */
export interface Budgets {
  readonly upload: number | null
  readonly download: number | null
  readonly diskBytes: number | null
  readonly connections: number
  readonly proofCores: number | null
}

const KIB = 1024
const MIB = 1024 * KIB
const GIB = 1024 * MIB

/**
 * What a profile may use unless the configuration says otherwise: an edge node is a guest on a small machine and its line, a full one
 * has its machine to itself. Why these: docs/profiles.md.
 */
export const DEFAULT_BUDGETS: Readonly<Record<Profile, Budgets>> = {
  edge: { upload: 256 * KIB, download: 256 * KIB, diskBytes: 512 * MIB, connections: 50, proofCores: 0.25 },
  relay: { upload: 2 * MIB, download: 2 * MIB, diskBytes: 2 * GIB, connections: 150, proofCores: 0.5 },
  store: { upload: 8 * MIB, download: 8 * MIB, diskBytes: 64 * GIB, connections: 200, proofCores: 1 },
  full: { upload: null, download: null, diskBytes: null, connections: 300, proofCores: null },
}
