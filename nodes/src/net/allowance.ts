import type { TokenBucket } from '../token-bucket.ts'

/** What one sender has been given of bandwidth that many share. */
export interface Allowance {
  /** How many of `bytes` may be sent now; if fewer, `onMore` is called when it is the sender's turn again. */
  spend(bytes: number): number
  /** Waits no more. */
  giveUp(): void
}

export function allowance(bucket: TokenBucket, onMore: () => void): Allowance {
  let given = 0
  let cancel: (() => void) | undefined
  return {
    spend(bytes) {
      if (given < bytes) given += bucket.take(bytes - given)
      const spent = Math.min(bytes, given)
      given -= spent
      if (spent < bytes) {
        cancel ??= bucket.wait(bytes - spent, (more) => {
          cancel = undefined
          given += more
          onMore()
        })
      }
      return spent
    },
    giveUp() {
      cancel?.()
      cancel = undefined
    },
  }
}
