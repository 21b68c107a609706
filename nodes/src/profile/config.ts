import { z } from 'zod'
import { DEFAULT_BUDGETS, type Budgets, type Profile } from './profiles.ts'

/** Less would not carry one message of 150 KiB within the time that a request has. */
const MIN_BYTES_PER_SECOND = 32 * 1024
/** What a node's databases need before the first message. */
const MIN_DISK_BYTES = 16 * 1024 * 1024

/** What the node may use; null for no limit. What is not named is as the profile has it. */
export const BudgetsConfig = z.strictObject({
  /** Bytes a second over all connections, as the sockets send and receive them. */
  upload: z.int().min(MIN_BYTES_PER_SECOND).nullable().optional(),
  download: z.int().min(MIN_BYTES_PER_SECOND).nullable().optional(),
  /** Bytes of everything in the data folder: archive, databases, snapshots. At this size new messages are refused. */
  diskBytes: z.int().min(MIN_DISK_BYTES).nullable().optional(),
  /** Connections with peers at a time. */
  connections: z.int().positive().optional(),
  /** Cores that verifying proofs may take on average, such as 0.5. */
  proofCores: z.number().min(0.01).max(64).nullable().optional(),
  /** Bytes that stay free on the file system of the data folder, whatever `diskBytes` is. */
  diskReserveBytes: z
    .int()
    .nonnegative()
    .default(64 * 1024 * 1024),
})
export type BudgetsConfig = z.output<typeof BudgetsConfig>

/** Those of the profile, with what the configuration says in their place. */
export function budgetsOf(profile: Profile, config: BudgetsConfig): Budgets {
  const named = Object.entries(config).filter(([, value]) => value !== undefined)
  const { diskReserveBytes: _, ...budgets } = {
    ...DEFAULT_BUDGETS[profile],
    ...(Object.fromEntries(named) as Partial<Budgets & BudgetsConfig>),
  }
  return budgets
}
