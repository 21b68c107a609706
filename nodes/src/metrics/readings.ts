import type { SenderUse } from '../chain/sender.ts'
import type { Funds } from '../chain/funds.ts'
import type { EndpointStatus } from '../chain/endpoint.ts'
import type { DiscoveryUse } from '../discovery/discovery.ts'
import type { DrainState } from '../drain.ts'
import type { ArchiveInfo, NodeHealth, NodeInfo } from '../http/info.ts'
import type { HttpUse } from '../http/use.ts'
import type { ProtocolUse } from '../net/index.ts'
import type { BudgetUse } from '../profile/budget-keeper.ts'
import type { Part, Profile } from '../profile/profiles.ts'
import type { ArchiveUse } from '../store/index.ts'
import type { WakeCounts } from '../wake/index.ts'
import type { ProcessReading } from './process.ts'

/** Counts under a name. */
export type Counts = Readonly<Partial<Record<string, number>>>

/** Everything that metrics are made of, read at one moment from the counters that the parts keep anyway. */
export interface Readings {
  readonly version: string
  readonly profile: Profile
  readonly parts: readonly Part[]
  readonly health: NodeHealth
  readonly process: ProcessReading
  readonly peers: {
    readonly connections: Readonly<Record<'inbound' | 'outbound', number>>
    readonly operators: number
    readonly madeRoom: number
    readonly bans: number
    /** Mesh peers by shard. */
    readonly mesh: ReadonlyMap<number, number>
    /** Unix seconds; undefined without a certificate. */
    readonly certificateExpiresAt: number | undefined
  }
  readonly requests: ReadonlyMap<string, ProtocolUse>
  readonly http: HttpUse
  readonly relay: Counts
  readonly filter: { readonly subscribers: number; readonly criteria: number; readonly pushes: Counts }
  readonly rln: Omit<NodeInfo['rln'], 'slashed'> & {
    readonly slashed: Counts
    readonly waiting: number
    readonly members: number
    /** Milliseconds for which the members could not be read up to the newest block. */
    readonly stuckMs: number
  }
  readonly archive: ArchiveInfo & ArchiveUse
  readonly payments: NodeInfo['payments'] & {
    /** Under `service outcome`. */
    readonly charges: Counts
    readonly vouchers: Counts
    readonly settlements: Counts
  }
  readonly chain: SenderUse & {
    readonly head: number
    /** Unix seconds of the newest block. */
    readonly headTime: number
    readonly silentMs: number
    readonly endpoints: readonly EndpointStatus[]
    readonly quorum: number
  }
  readonly funds: Funds | undefined
  readonly discovery: DiscoveryUse
  readonly budgets: BudgetUse
  readonly leases: NodeInfo['leases']
  readonly blobs: { readonly blobs: number; readonly bytes: number }
  readonly courts: NodeInfo['courts']
  readonly chainRelay: NodeInfo['chainRelay']
  readonly drain: DrainState
  readonly roots: Counts
  readonly sync: Counts
  readonly wakes: WakeCounts
}
