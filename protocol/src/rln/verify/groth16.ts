import { fromLittleEndian, mod, toLittleEndian } from '../field.ts'
import { compressG1, compressG2 } from '../compress.ts'
import { PROOF_BYTES, type PointG1, type PointG2 } from '../points.ts'
import type { VerifyingKey } from '../verifying-key.ts'
import { CLAIM_BYTES, SIGNALS, SIGNALS_AT } from './claim.ts'
import { type Address, type Pairing, SIZE } from './pairing.ts'
import { drawWeights, HALF_BITS, WEIGHT_BYTES } from './weights.ts'

/** Most claims that one equation joins; more are taken in turns. */
export const MAX_BATCH = 128
/** A failed batch of so many is not halved: that would take as long with one bad claim, and longer with more. */
const ONE_BY_ONE = 4
const SCALAR = 32

/** Checks claims that were packed by `packClaim`. */
export interface Engine {
  /**
   * Takes claims one behind the other and says of each whether it holds: its points are on their curves, B is in its
   * subgroup, and its pairings agree. Claims that hold are never refused; one that does not passes with a
   * probability of 2^-128 at most.
   */
  check(claims: Uint8Array): boolean[]
}

/** Points and signals of claims, each in a slot. */
interface Slots {
  readonly a: Address
  readonly b: Address
  readonly c: Address
  readonly signals: bigint[][]
}

/**
 * Builds the engine for a verifying key. n claims are checked with one equation, their pairings joined by random
 * weights w_i whose sum is 1 (docs/verification.md):
 *   Π e(w_i·A_i, B_i) · e(−IC_0 − Σ_k (Σ_i w_i·s_ik)·IC_k, γ) · e(−Σ w_i·C_i, δ) = e(α, β).
 * If it fails, halves are checked until each bad claim is found.
 */
export function createEngine(pairing: Pairing, key: VerifyingKey): Engine {
  const { take } = pairing
  const { g1, jacobian, g2, gt, pair } = SIZE
  const slots: Slots = {
    a: take(MAX_BATCH * g1),
    b: take(MAX_BATCH * g2),
    c: take(MAX_BATCH * g1),
    signals: [],
  }
  const pairs = take((MAX_BATCH + 2) * pair)
  const weighed = take(jacobian)
  const halves = take(2 * WEIGHT_BYTES)
  const scalars = take(MAX_BATCH * SCALAR)
  const product = take(gt)
  const proofAt = take(PROOF_BYTES)
  const constants = loadKey()

  function loadKey() {
    const ic0 = putG1(key.ic[0]!)
    const tables = key.ic.slice(1).map((point) => {
      const table = take(SIZE.table)
      pairing.makeTable(table, putG1(point))
      return table
    })
    const alphaBeta = take(gt)
    pairing.toJacobian(weighed, putG1(key.alpha))
    pairing.setPair(pairs, weighed, putG2(key.beta))
    pairing.millerLoop(product, pairs, 1)
    pairing.finalExponentiation(alphaBeta, product)
    return { ic0, tables, gamma: putG2(key.gamma), delta: putG2(key.delta), alphaBeta }
  }

  function putG1(point: PointG1): Address {
    const { x, y } = point.toAffine()
    const out = take(g1)
    pairing.write(proofAt, compressG1([x, y]))
    pairing.readG1(out, proofAt)
    return out
  }

  function putG2(point: PointG2): Address {
    const { x, y } = point.toAffine()
    const out = take(g2)
    pairing.write(
      proofAt,
      compressG2([
        [x.c0, x.c1],
        [y.c0, y.c1],
      ]),
    )
    pairing.readTwist(out, proofAt)
    return out
  }

  /** Reads a claim's points and signals into a slot. False if a point is not on its curve. */
  function read(slot: number, claim: Uint8Array): boolean {
    pairing.write(proofAt, claim.subarray(0, PROOF_BYTES))
    if (pairing.readG1(slots.a + slot * g1, proofAt) === 0) return false
    if (pairing.readTwist(slots.b + slot * g2, proofAt + 32) === 0) return false
    if (pairing.readG1(slots.c + slot * g1, proofAt + 96) === 0) return false
    slots.signals[slot] = Array.from({ length: SIGNALS }, (_, at) =>
      fromLittleEndian(claim.subarray(SIGNALS_AT + 32 * at, SIGNALS_AT + 32 * (at + 1))),
    )
    return true
  }

  function move(to: number, from: number): void {
    pairing.copy(slots.a + to * g1, slots.a + from * g1, g1)
    pairing.copy(slots.b + to * g2, slots.b + from * g2, g2)
    pairing.copy(slots.c + to * g1, slots.c + from * g1, g1)
    slots.signals[to] = slots.signals[from]!
  }

  /** Lays out the pairs (w_i·A_i, B_i) of the slots from..to − 1; `scalars` has the weights. */
  function layOutPairs(from: number, to: number, drawn: Uint8Array): void {
    for (let slot = from; slot < to; slot++) {
      const [at, point] = [slot - from, slots.a + slot * g1]
      if (at > 0) {
        const weight = drawn.subarray((at - 1) * WEIGHT_BYTES, at * WEIGHT_BYTES)
        pairing.write(halves, weight.subarray(0, 8))
        pairing.write(halves + WEIGHT_BYTES, weight.subarray(8))
        pairing.weigh(weighed, point, halves, halves + WEIGHT_BYTES, HALF_BITS)
      } else if (to - from > 1) pairing.sumOfMultiplesG1(weighed, point, scalars, 1)
      else pairing.toJacobian(weighed, point)
      pairing.setPair(pairs + at * pair, weighed, slots.b + slot * g2)
    }
  }

  /** Whether all claims in the slots from..to − 1 hold, if their points are in the subgroup. */
  function hold(from: number, to: number): boolean {
    const { drawn, values } = drawWeights(to - from)
    values.forEach((weight, at) => pairing.write(scalars + at * SCALAR, toLittleEndian(weight)))
    layOutPairs(from, to, drawn)
    let count = to - from

    pairing.sumOfMultiplesG1(weighed, slots.c + from * g1, scalars, to - from)
    pairing.negate(weighed)
    count += pairing.setPair(pairs + count * pair, weighed, constants.delta)

    pairing.toJacobian(weighed, constants.ic0)
    constants.tables.forEach((table, at) => {
      const factor = values.reduce((sum, weight, slot) => sum + weight * slots.signals[from + slot]![at]!, 0n)
      pairing.write(scalars, toLittleEndian(mod(factor)))
      pairing.addMultiple(weighed, table, scalars)
    })
    pairing.negate(weighed)
    count += pairing.setPair(pairs + count * pair, weighed, constants.gamma)

    pairing.millerLoop(product, pairs, count)
    pairing.finalExponentiation(product, product)
    return pairing.equal(product, constants.alphaBeta) === 1
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
    let claimOf: number[] = []
    for (let at = 0; at < count; at++) {
      const good = read(claimOf.length, claims.subarray(at * CLAIM_BYTES, (at + 1) * CLAIM_BYTES))
      verdicts.push(good)
      if (good) claimOf.push(at)
    }
    if (claimOf.length === 0) return verdicts

    const held = hold(0, claimOf.length)
    // The loop has shown whose B is outside the subgroup. Where one is, the equation says nothing: the others start over.
    const inside = claimOf.flatMap((_, slot) => (pairing.closes(pairs + slot * pair) === 1 ? [slot] : []))
    const allInside = inside.length === claimOf.length
    if (allInside && held) return verdicts
    if (!allInside) {
      for (const at of claimOf) verdicts[at] = false
      inside.forEach((slot, to) => move(to, slot))
      claimOf = inside.map((slot) => claimOf[slot]!)
      for (const at of claimOf) verdicts[at] = true
    }
    search(0, claimOf.length, (slot) => void (verdicts[claimOf[slot]!] = false), allInside)
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
  }
}
