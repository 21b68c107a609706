import type { ExitPlan } from '../plan.ts'
import { announcementPlan } from './announcement.ts'
import { challengesPlan } from './challenges.ts'
import { channelsPlan } from './channels.ts'
import { dealsPlan } from './deals.ts'
import { delegationsPlan } from './delegations.ts'
import { envelopesPlan } from './envelopes.ts'
import { feesPlan } from './fees.ts'
import { membershipPlan } from './membership.ts'
import { stakePlan } from './stake.ts'

/**
 * How to get out of every kind of contract, in the order in which it is done: an operator claims its fees before its stake
 * thaws. A new kind is a file and a line here.
 */
export const PLANS: readonly ExitPlan[] = [
  announcementPlan,
  membershipPlan,
  feesPlan,
  stakePlan,
  delegationsPlan,
  channelsPlan,
  dealsPlan,
  envelopesPlan,
  challengesPlan,
]
