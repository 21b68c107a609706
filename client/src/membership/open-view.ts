import type { LightViewDeps } from './light-view.ts'
import { withRecent, type RecentView } from './view.ts'

/** From nodes if `light` says so, otherwise from the chain's events; the code of the other way is not loaded. */
export async function openView(
  light: Pick<LightViewDeps, 'operators'> | undefined,
  deps: Omit<LightViewDeps, 'operators' | 'waits'>,
): Promise<RecentView> {
  const view = light
    ? (await import('./light-view.ts')).createLightView({ ...deps, ...light })
    : (await import('./ledger-view.ts')).createLedgerView(deps.chain)
  return withRecent(view, deps.now)
}
