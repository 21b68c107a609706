import { readMembershipParams } from '@teahouse/protocol/chain'
import { rlnIdentifier, type HomeMembers, type MembershipLedger } from '@teahouse/protocol/rln'
import type { Chain } from '../chain/chain.ts'

/** What the network fixes for every member; times in seconds. */
export interface RlnParams {
  readonly epochSeconds: number
  readonly graceSeconds: number
  readonly rootWindowSeconds: number
  readonly termSeconds: number
  readonly identifier: Uint8Array
}

/** What a client needs of the members: its own membership, the path to prove with, and which roots still count. */
export type MemberView = Pick<MembershipLedger, 'membersOf' | 'path' | 'isValidRoot' | 'memberCount'>

/** A way to know the members: from the chain's events (ledger-view.ts), or from three nodes (light-view.ts). */
export interface LedgerView {
  params(): Promise<RlnParams>
  /** The members as of the newest block. */
  update(): Promise<MemberView>
  /**
   * The members that name an operator as their home, as of the newest block; not there where nobody vouches for them. Events of the
   * chain tell it and no hash, so it is as true as the RPC endpoint.
   */
  home?(operatorId: number): Promise<HomeMembers>
}

/** A view that remembers what it saw. */
export interface RecentView extends LedgerView {
  /** What was seen last, if that was not long ago; costs the network nothing most of the time. */
  recent(): Promise<MemberView>
}

/** A view is recent for this part of the time that a root counts after the next one: roots that it calls valid still are. */
const RECENT_PART = 1 / 4

/** `now` in milliseconds since 1970. */
export function withRecent(view: LedgerView, now: () => number): RecentView {
  let seen: { readonly members: MemberView; readonly at: number } | undefined

  async function update(): Promise<MemberView> {
    const at = now()
    seen = { members: await view.update(), at }
    return seen.members
  }

  return {
    ...view,
    update,
    async recent() {
      const { rootWindowSeconds } = await view.params()
      const age = seen ? Math.abs(now() - seen.at) : Infinity
      return seen && age < rootWindowSeconds * 1000 * RECENT_PART ? seen.members : await update()
    },
  }
}

/** Reads the parameters when they are first asked for. Throws CallError. */
export function paramsReader(chain: Chain): () => Promise<RlnParams> {
  let params: Promise<RlnParams> | undefined

  async function load(): Promise<RlnParams> {
    const { MembershipRegistry: registry } = chain.contracts
    const { epochSeconds, grace, rootWindow, term } = await chain.read('read the membership parameters', () =>
      readMembershipParams(registry),
    )
    return {
      epochSeconds,
      graceSeconds: grace,
      rootWindowSeconds: rootWindow,
      termSeconds: term,
      identifier: rlnIdentifier(chain.network.chainId, registry.address),
    }
  }

  return () => {
    params ??= load()
    params.catch(() => (params = undefined))
    return params
  }
}
