import type { VerifyingKey } from '../verifying-key.ts'
import { CLAIM_BYTES, SIGNALS, SIGNALS_AT } from './claim.ts'
import { fixedBase } from './fixed-base.ts'
import { type Address, type Heap, SIZE } from './mcl.ts'
import { pointReader, twistConstants } from './points.ts'
import { WEIGHT_BYTES, drawWeights } from './weights.ts'

/** Most claims that one equation joins; more are taken in turns. */
export const MAX_BATCH = 128

/** A failed batch of so many is not halved: that would take as long with one bad claim, and longer with more. */
const ONE_BY_ONE = 4

/** Checks claims that were packed by `packClaim`. */
export interface Engine {
  /**
   * Takes claims one behind the other and says of each whether it holds: its points are on their curves, B is in its
   * subgroup, and its pairings agree. Claims that hold are never refused; one that does not passes with a
   * probability of 2^-128 at most.
   */
  check(claims: Uint8Array): boolean[]
  release(): void
}

/**
 * Builds the engine for a verifying key. n claims are checked with one equation, their pairings joined by random
 * weights w_i whose sum is 1 (docs/verification.md):
 *   Π e(w_i·A_i, B_i) · e(−IC_0 − Σ_k (Σ_i w_i·s_ik)·IC_k, γ) · e(−Σ w_i·C_i, δ) = e(α, β).
 * If it fails, halves are checked until each bad claim is found.
 */
export function createEngine(heap: Heap, key: VerifyingKey): Engine {
  const { mcl } = heap
  const { fr, g1, g2, gt } = SIZE
  const points = pointReader(heap, twistConstants())
  /** Claims whose points are good, in order: each has its slot in all of these. Two more slots of pairs: γ and δ. */
  const a = heap.reserve(MAX_BATCH * g1)
  const b = heap.reserve(MAX_BATCH * g2)
  const c = heap.reserve(MAX_BATCH * g1)
  const signals = heap.reserve(MAX_BATCH * SIGNALS * fr)
  const weights = heap.reserve(MAX_BATCH * fr)
  const pairG1 = heap.reserve((MAX_BATCH + 2) * g1)
  const pairG2 = heap.reserve((MAX_BATCH + 2) * g2)
  const factors = heap.reserve(SIGNALS * fr)
  const term = heap.reserve(fr)
  const sum = heap.reserve(g1)
  const result = heap.reserve(gt)
  const bytesAt = heap.reserve(MAX_BATCH * WEIGHT_BYTES)
  const constants = loadKey()

  function loadKey() {
    const [ic0, ic] = [heap.reserve(g1), heap.reserve(SIGNALS * g1)]
    const [gamma, delta] = [heap.reserve(g2), heap.reserve(g2)]
    const alphaBeta = heap.reserve(gt)
    points.putG1(ic0, key.ic[0]!.toAffine())
    key.ic.slice(1).forEach((point, at) => points.putG1(ic + at * g1, point.toAffine()))
    points.putG2(gamma, key.gamma.toAffine())
    points.putG2(delta, key.delta.toAffine())
    points.putG1(pairG1, key.alpha.toAffine())
    points.putG2(pairG2, key.beta.toAffine())
    mcl._mclBn_millerLoopVec(result, pairG1, pairG2, 1)
    mcl._mclBn_finalExp(alphaBeta, result)
    return { ic0, ic: fixedBase(heap, ic, SIGNALS), gamma, delta, alphaBeta }
  }

  /** Reads a claim's points and signals into a slot. False if a point is not good. */
  function read(slot: number, claim: Uint8Array): boolean {
    const twistPoint = b + slot * g2
    if (!points.readG1(a + slot * g1, claim.subarray(0, 32))) return false
    if (!points.readG1(c + slot * g1, claim.subarray(96, 128))) return false
    if (!points.readTwist(twistPoint, claim.subarray(32, 96)) || !points.inSubgroup(twistPoint)) return false
    heap.write(bytesAt, claim.subarray(SIGNALS_AT, CLAIM_BYTES))
    for (let at = 0; at < SIGNALS; at++) {
      const signal = signals + (slot * SIGNALS + at) * fr
      mcl._mclBnFr_setLittleEndian(signal, bytesAt + at * 32, 32)
    }
    return true
  }

  /** Draws the weights of the slots from..to − 1: all random but the first, which makes their sum 1. */
  function weigh(from: number, to: number): void {
    const first = weights + from * fr
    mcl._mclBnFr_setInt32(first, 1)
    heap.write(bytesAt, drawWeights(to - from - 1))
    for (let slot = from + 1, at = bytesAt; slot < to; slot++, at += WEIGHT_BYTES) {
      const weight = weights + slot * fr
      mcl._mclBnFr_setLittleEndian(weight, at, WEIGHT_BYTES)
      mcl._mclBnFr_sub(first, first, weight)
    }
  }

  /** −IC_0 − Σ_k (Σ_i w_i·s_ik)·IC_k. */
  function joinSignals(out: Address, from: number, to: number): void {
    heap.fill(factors, SIGNALS * fr)
    for (let slot = from; slot < to; slot++) {
      for (let at = 0; at < SIGNALS; at++) {
        const factor = factors + at * fr
        mcl._mclBnFr_mul(term, weights + slot * fr, signals + (slot * SIGNALS + at) * fr)
        mcl._mclBnFr_add(factor, factor, term)
      }
    }
    heap.copy(sum, constants.ic0, g1)
    for (let at = 0; at < SIGNALS; at++) constants.ic.addMultiple(sum, at, factors + at * fr)
    mcl._mclBnG1_neg(out, sum)
  }

  /** Whether all claims in the slots from..to − 1 hold. */
  function hold(from: number, to: number): boolean {
    const count = to - from
    weigh(from, to)
    if (count === 1) heap.copy(pairG1, a + from * g1, g1)
    else
      for (let at = 0; at < count; at++)
        mcl._mclBnG1_mul(pairG1 + at * g1, a + (from + at) * g1, weights + (from + at) * fr)
    heap.copy(pairG2, b + from * g2, count * g2)

    joinSignals(pairG1 + count * g1, from, to)
    heap.copy(pairG2 + count * g2, constants.gamma, g2)

    const joinedC = pairG1 + (count + 1) * g1
    if (count === 1) heap.copy(joinedC, c + from * g1, g1)
    else mcl._mclBnG1_mulVec(joinedC, c + from * g1, weights + from * fr, count)
    mcl._mclBnG1_neg(joinedC, joinedC)
    heap.copy(pairG2 + (count + 1) * g2, constants.delta, g2)

    mcl._mclBn_millerLoopVec(result, pairG1, pairG2, count + 2)
    mcl._mclBn_finalExp(result, result)
    return mcl._mclBnGT_isEqual(result, constants.alphaBeta) === 1
  }

  /** Gives the bad slots of from..to − 1 to `found`, and says whether there are any; `failed` if it is known that there are. */
  function search(from: number, to: number, found: (slot: number) => void, failed = false): boolean {
    if (from === to || (!failed && hold(from, to))) return false
    if (to - from <= ONE_BY_ONE) {
      searchEach(from, to, found)
      return true
    }
    const middle = (from + to) >>> 1
    const inFirst = search(from, middle, found)
    search(middle, to, found, !inFirst)
    return true
  }

  /** The same, where it is known that there are some: the last is one if no other was. */
  function searchEach(from: number, to: number, found: (slot: number) => void): void {
    let bad = 0
    for (let slot = from; slot < to; slot++) {
      if ((bad === 0 && slot + 1 === to) || !hold(slot, slot + 1)) {
        bad++
        found(slot)
      }
    }
  }

  function checkSome(claims: Uint8Array, count: number): boolean[] {
    const verdicts: boolean[] = []
    const claimOf: number[] = []
    for (let at = 0; at < count; at++) {
      const good = read(claimOf.length, claims.subarray(at * CLAIM_BYTES, (at + 1) * CLAIM_BYTES))
      verdicts.push(good)
      if (good) claimOf.push(at)
    }
    search(0, claimOf.length, (slot) => void (verdicts[claimOf[slot]!] = false))
    return verdicts
  }

  return {
    check(claims) {
      const total = Math.floor(claims.length / CLAIM_BYTES)
      const verdicts: boolean[] = []
      for (let at = 0; at < total; at += MAX_BATCH) {
        const count = Math.min(MAX_BATCH, total - at)
        verdicts.push(...checkSome(claims.subarray(at * CLAIM_BYTES), count))
      }
      return verdicts
    },
    release: heap.release,
  }
}
