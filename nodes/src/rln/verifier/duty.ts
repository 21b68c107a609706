import { tokenBucket } from '../../token-bucket.ts'

/** The time of cores that verifying may take. */
export interface Duty {
  /** Cores from now on, on average; undefined for as many as there are threads. */
  setCores(cores: number | undefined): void
  /** Notes what a batch took. */
  spent(ms: number, proofs: number): void
  /** Whether there is time for another batch; if not, calls back once there is. */
  isDue(later: () => void): boolean
  /** Proofs that are worth waiting: more would be verified too late. */
  readonly worthWaiting: number
  /** Seconds of cores used since the start. */
  readonly usedSeconds: number
}

/** Seconds within which a proof is verified or refused: messages are good for 20, and pass several nodes. */
const MAX_WAIT_SECONDS = 2
/** Milliseconds that a proof takes, until it is known; then a mean in which the newest batch counts for a tenth. */
const FIRST_MS = 4
const NEWEST = 0.1

export function duty(): Duty {
  const time = tokenBucket({ turn: 1, burstSeconds: 0.25 })
  let cores: number | undefined
  let msPerProof = FIRST_MS
  let isWaiting = false

  return {
    setCores(next) {
      cores = next
      time.setRate(next === undefined ? undefined : next * 1_000)
    },
    spent(ms, proofs) {
      time.spend(ms)
      if (proofs > 0) msPerProof += NEWEST * (ms / proofs - msPerProof)
    },
    isDue(later) {
      if (!time.isEmpty) return true
      if (isWaiting) return false
      isWaiting = true
      time.wait(1, () => {
        isWaiting = false
        later()
      })
      return false
    },
    get worthWaiting() {
      if (cores === undefined) return Infinity
      return Math.max(1, Math.floor((cores * MAX_WAIT_SECONDS * 1_000) / msPerProof))
    },
    get usedSeconds() {
      return time.used / 1_000
    },
  }
}
