import { ProofError } from '../errors.ts'
import { fromLittleEndian, mod } from '../field.ts'
import { assembler, drawBlinding } from '../groth16/assemble.ts'
import { createEngine, type Engine } from '../groth16/engine.ts'
import { type Point, pointGroup } from '../groth16/group.ts'
import { quotientSum } from '../groth16/quotient-sum.ts'
import { difference, differing, QUERIES, querySums, type Sums, union } from '../groth16/sums.ts'
import { type CircuitInput, type Witness, witnessCalculator } from '../groth16/witness.ts'
import { readProvingKey } from '../groth16/zkey.ts'
import type { PublicSignals, RlnProof } from '../proof.ts'
import { randomScalar } from '../random.ts'
import { proofOf, type Slot } from './slot.ts'

/** How a proof came to be: from a prepared slot, from sums kept since an earlier proof, or from nothing. */
export type ProofPath = 'slot' | 'cached' | 'plain'

export interface MadeProof extends RlnProof {
  readonly path: ProofPath
}

/** What a prover has done so far; tests count on it. */
export interface ProvingCounters {
  readonly witnesses: number
  readonly plain: number
  readonly cached: number
  readonly slots: number
}

/** Called between the steps of a task, which take up to 0.15 s each, with the part that is done. Throws to cancel. */
export type Checkpoint = (done: number) => Promise<void>

/** The computation, in the thread of its caller. One task at a time. */
export interface ProvingCore {
  readonly counters: ProvingCounters
  prove(input: CircuitInput, checkpoint: Checkpoint): Promise<MadeProof>
  /** Everything of a proof but x; `input.x` is ignored. */
  prepare(input: CircuitInput, checkpoint: Checkpoint): Promise<Slot>
}

/** Above this part of changed signals, sums are made anew. */
const MOSTLY = 0.4
const SIGNALS = ['y', 'root', 'nullifier', 'x', 'externalNullifier'] as const

/** Loads a circuit and its key. Throws ProofError PROVING_FAILED if one can't be used. */
export async function createProvingCore({
  wasm,
  zkey,
}: {
  readonly wasm: Uint8Array
  readonly zkey: Uint8Array
}): Promise<ProvingCore> {
  const engine = await createEngine()
  const calculate = await witnessCalculator(wasm)
  const key = readProvingKey(engine, zkey)
  const overQuotient = quotientSum(engine, key)
  const h = overQuotient.quotient
  const assemble = assembler(engine, key)
  const overQueries = QUERIES.map((name) => [name, querySums(engine, key.queries[name])] as const)
  const slopes = QUERIES.map((name) => querySums(engine, key.queries[name]))
  const groups = { g1: pointGroup(engine, 'g1'), g2: pointGroup(engine, 'g2') }
  const { g1, g2 } = groups
  const counters = { witnesses: 0, plain: 0, cached: 0, slots: 0 }
  /** The sums of an earlier witness, a secret, and which signals have differed from it since. */
  let kept: { readonly witness: Witness; readonly sums: Sums; changed: Uint32Array } | undefined

  function witnessOf(input: CircuitInput): Witness {
    counters.witnesses++
    const witness = calculate(input)
    if (witness.length === key.signalCount * 32) return witness
    throw new ProofError('The circuit and its key do not belong together', { code: 'PROVING_FAILED' })
  }

  /** Sums over all signals, from those kept if few signals differ. */
  async function sumsOf(witness: Witness, checkpoint: Checkpoint): Promise<{ sums: Sums; fresh: boolean }> {
    const changed = kept && differing(kept.witness, witness)
    const from = kept && changed && changed.length <= MOSTLY * key.signalCount ? kept : undefined
    if (from) from.changed = union(from.changed, changed!)
    const delta = from ? difference(engine, witness, from.witness) : witness
    const found: Partial<Record<keyof Sums, Point>> = {}
    for (const [at, [name, over]] of overQueries.entries()) {
      const sum = over.sum(delta, from?.changed)
      found[name] = from ? groups[key.queries[name].group].add(from.sums[name], sum) : sum
      await checkpoint((at + 1) / QUERIES.length)
    }
    const sums = found as Sums
    if (!from) kept = { witness, sums, changed: new Uint32Array() }
    return { sums, fresh: !from }
  }

  return {
    counters,
    async prove(input, checkpoint) {
      const witness = witnessOf(input)
      await checkpoint(0.1)
      const { sums, fresh } = await sumsOf(witness, (done) => checkpoint(0.1 + 0.6 * done))
      const { a, b, c } = assemble(sums, overQuotient.of(witness), drawBlinding())
      counters[fresh ? 'plain' : 'cached']++
      const proof = proofOf(g1.encode(a), g2.encode(b), g1.encode(c))
      return { proof, ...signalsOf(witness), path: fresh ? 'plain' : 'cached' }
    },

    async prepare(input, checkpoint) {
      const at = (x: bigint) => witnessOf({ ...input, x })
      const base = at(0n)
      const slope = difference(engine, at(1n), base)
      await checkpoint(0.05)
      checkLinear(engine, { base, slope, probe: at })
      await checkpoint(0.1)
      const { sums } = await sumsOf(base, (done) => checkpoint(0.1 + 0.2 * done))
      const moving = differing(slope, new Uint8Array(slope.length))
      const [ax, b1x, b2x, cx] = slopes.map((over) => over.sum(slope, moving)) as [Point, Point, Point, Point]
      await checkpoint(0.35)
      const parts = await quotientParts(base, slope, (done) => checkpoint(0.35 + 0.65 * done))
      const blinding = drawBlinding()
      const { a, b, c } = assemble(sums, parts.h0, blinding)
      const inA = g1.multiplySecret(ax, blinding.s)
      const inB = g1.multiplySecret(b1x, blinding.r)
      counters.slots++
      const { y, root, nullifier, externalNullifier } = signalsOf(base)
      return {
        ...{ a0: g1.encode(a), ax: g1.encode(ax), b0: g2.encode(b), bx: g2.encode(b2x) },
        c0: g1.encode(c),
        cx: g1.encode(g1.add(cx, parts.hx, inA, inB)),
        cxx: g1.encode(parts.hxx),
        ...{ y0: y, slope: signalsOf(slope).y, root, nullifier, externalNullifier },
      }
    },
  }

  /** H of base + x·slope as a polynomial in x: H = h0 + x·hx + x²·hxx. */
  async function quotientParts(base: Witness, slope: Witness, checkpoint: Checkpoint) {
    const scope = engine.mark()
    try {
      const [fix, move] = [h.rows(base), h.rows(slope)]
      const mixed = h.sum(h.product(fix.a, move.b), h.product(move.a, fix.b))
      const c = [h.product(fix.a, fix.b), mixed, h.product(move.a, move.b)].map(h.extend)
      for (const side of [fix.a, fix.b, move.a, move.b]) h.extend(side)
      const crossed = h.sum(h.product(fix.a, move.b), h.product(move.a, fix.b))
      const values = [h.product(fix.a, fix.b), crossed, h.product(move.a, move.b)]
      const points: Point[] = []
      for (const [at, value] of values.entries()) {
        points.push(engine.scoped(() => overQuotient.over(h.difference(value, c[at]!))))
        await checkpoint((at + 1) / values.length)
      }
      const [h0, hx, hxx] = points as [Point, Point, Point]
      return { h0, hx, hxx }
    } finally {
      engine.release(scope)
    }
  }
}

/**
 * Makes sure that the witness is base + x·slope in every signal, and that of the public signals only x and y move. Two values
 * of x gave base and slope; a third, drawn at random, would betray any other polynomial but with chance degree/r.
 */
function checkLinear(
  engine: Engine,
  { base, slope, probe }: { base: Witness; slope: Witness; probe: (x: bigint) => Witness },
): void {
  const x = randomScalar()
  const moved = difference(engine, probe(x), base)
  for (const signal of differing(moved, new Uint8Array(moved.length))) {
    if (mod(signalAt(slope, signal) * x) !== signalAt(moved, signal)) throw notLinear(signal)
  }
  if (differing(slope, new Uint8Array(slope.length)).some((signal) => signalAt(moved, signal) === 0n)) {
    throw notLinear(0)
  }
  const { root, nullifier, x: one, externalNullifier } = signalsOf(slope)
  if (root !== 0n || nullifier !== 0n || externalNullifier !== 0n || one !== 1n) throw notLinear(0)
}

function notLinear(signal: number): ProofError {
  const message = `Signal ${signal} of this circuit is not linear in x: it has no slots`
  return new ProofError(message, { code: 'PROVING_FAILED' })
}

const signalAt = (witness: Witness, signal: number): bigint =>
  fromLittleEndian(witness.subarray(signal * 32, signal * 32 + 32))

/** The public signals; signal 0 is the constant 1. */
function signalsOf(witness: Witness): PublicSignals {
  const entries = SIGNALS.map((name, at) => [name, signalAt(witness, at + 1)] as const)
  return Object.fromEntries(entries) as unknown as PublicSignals
}
