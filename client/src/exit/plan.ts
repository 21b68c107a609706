import type { DeploymentAbis } from '@teahouse/protocol/chain/deployments'
import type { Address, PublicClient } from 'viem'
import type { ExitEvents } from './events.ts'

/** What can be done about something that a deployment holds. */
export type ExitStep =
  /** A transaction that works now; `does` completes the sentence "the chain refused to …". */
  | {
      readonly kind: 'call'
      readonly does: string
      readonly functionName: string
      readonly args: readonly unknown[]
    }
  /** Nothing before unix second `until`; `then` says what is possible from then on. */
  | { readonly kind: 'wait'; readonly until: number; readonly then: string }
  /** It is earned bit by bit until then. What has been earned is taken each time; nobody waits for the rest. */
  | { readonly kind: 'streams'; readonly until: number }
  /** Only somebody else can do something. */
  | { readonly kind: 'blocked'; readonly why: string }

/** Something that a deployment holds for an account, or would go on doing in its name. */
export interface ExitItem {
  readonly contract: string
  /** For a person: `deposit of membership 4`. */
  readonly what: string
  /** What the account gets of it as things stand, in the token's smallest unit. */
  readonly amount: bigint
  readonly next: ExitStep
}

export interface ExitContext {
  readonly account: Address
  readonly addresses: Readonly<Record<string, Address>>
  /** Those of the deployment's version, which may be older than this release. */
  readonly abis: DeploymentAbis
  readonly reader: PublicClient
  readonly events: ExitEvents
  /** Unix seconds of the newest block. */
  readonly now: number
  /** Close open deals at once, in favour of the other party. */
  readonly concede: boolean
}

/**
 * How to get out of one contract. Reads the chain and nothing else, so that it can be run again at any time and goes on
 * where it stopped.
 */
export interface ExitPlan {
  /** By its name in a deployment; the plan is left out where there is none. */
  readonly contract: string
  find(context: ExitContext): Promise<readonly Omit<ExitItem, 'contract'>[]>
}
