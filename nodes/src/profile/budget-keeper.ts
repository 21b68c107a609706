import { forwarding, type Forwarding } from '../relay/index.ts'
import { bandwidth, type Bandwidth } from '../net/index.ts'
import type { DiskBudget } from '../storage/index.ts'
import type { Budgets } from './profiles.ts'

/** What is to be kept within a limit, and what of it is used. */
export interface Budgeted {
  readonly disk: DiskBudget
  readonly verifier: { setCores(cores: number | undefined): void; readonly usedSeconds: number }
  readonly connections: { setMax(connections: number): void; count(): number }
}

/** The budgets, null for no limit, each with what is used: bytes, cores and counts since the start. */
export interface BudgetUse {
  readonly upload: { readonly limit: number | null; readonly total: number; readonly perSecond: number }
  readonly download: { readonly limit: number | null; readonly total: number; readonly perSecond: number }
  readonly disk: {
    readonly limit: number | null
    readonly used: number
    readonly free: number
    readonly refused: number
  }
  readonly connections: { readonly limit: number; readonly open: number }
  readonly proofs: { readonly cores: number | null; readonly usedSeconds: number }
  /** Messages that were kept and served but not sent on, for lack of upload. */
  readonly notForwarded: { readonly lasting: number; readonly ephemeral: number }
}

export interface BudgetKeeper {
  readonly bandwidth: Bandwidth
  readonly forwarding: Forwarding
  /** Once everything that has a budget is there. */
  watch(budgeted: Budgeted): void
  apply(budgets: Budgets): void
  use(): BudgetUse
}

/** Milliseconds over which what is used in a second is measured, at least. */
const MEASURED_MS = 1_000

export function budgetKeeper(now: () => number = () => performance.now()): BudgetKeeper {
  const lines = bandwidth()
  const forwards = forwarding()
  const up = rateOf(() => lines.up.used, now)
  const down = rateOf(() => lines.down.used, now)
  let budgeted: Budgeted | undefined
  let current: Budgets | undefined

  function apply(budgets: Budgets): void {
    current = budgets
    lines.setLimits({ up: budgets.upload ?? undefined, down: budgets.download ?? undefined })
    forwards.setUpload(budgets.upload ?? undefined)
    budgeted?.disk.setLimit(budgets.diskBytes)
    budgeted?.verifier.setCores(budgets.proofCores ?? undefined)
    budgeted?.connections.setMax(budgets.connections)
  }

  return {
    bandwidth: lines,
    forwarding: forwards,
    watch(all) {
      budgeted = all
      if (current) apply(current)
    },
    apply,
    use() {
      const disk = budgeted?.disk.use()
      return {
        upload: { limit: current?.upload ?? null, total: lines.up.used, perSecond: up() },
        download: { limit: current?.download ?? null, total: lines.down.used, perSecond: down() },
        disk: { limit: current?.diskBytes ?? null, used: 0, free: 0, refused: 0, ...disk },
        connections: { limit: current?.connections ?? 0, open: budgeted?.connections.count() ?? 0 },
        proofs: { cores: current?.proofCores ?? null, usedSeconds: budgeted?.verifier.usedSeconds ?? 0 },
        notForwarded: forwards.dropped,
      }
    },
  }
}

/** What a total grew by in a second, on average since it was asked about a second or more ago. */
function rateOf(total: () => number, now: () => number): () => number {
  let from = { total: 0, at: now() }
  let last = 0
  return () => {
    const seconds = (now() - from.at) / 1_000
    if (seconds * 1_000 < MEASURED_MS) return last
    last = Math.round((total() - from.total) / seconds)
    from = { total: total(), at: now() }
    return last
  }
}
