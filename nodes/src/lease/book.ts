import type { LeaseClaim } from '@teahouse/protocol/lease'

/** Whose list a claim is about. */
export type LeaseList = Pick<LeaseClaim, 'key' | 'epoch'>

/** What was claimed last of each list: its `end` is the list's mark. Throws what its database throws. */
export interface LeaseBook {
  find(list: LeaseList): Promise<LeaseClaim | undefined>
  /**
   * Enters a claim that begins at or behind the mark of its list, and gives the claim that stands then: this one if it was
   * entered, now or before. When it resolves, that is on disk. Reading and entering are one step. Undefined for an epoch
   * that was forgotten.
   */
  enter(claim: LeaseClaim): Promise<LeaseClaim | undefined>
  /** Lists of an epoch. */
  count(epoch: bigint): Promise<number>
  /** Forgets epochs before `epoch` and never enters anything of them again, whatever the clock does. */
  prune(epoch: bigint): Promise<void>
  close(): Promise<void>
}

/** Whether two claims of one list are the same one: nonces are random. */
export function sameClaim(a: LeaseClaim, b: LeaseClaim): boolean {
  return a.first === b.first && a.end === b.end && Buffer.compare(a.nonce, b.nonce) === 0
}
