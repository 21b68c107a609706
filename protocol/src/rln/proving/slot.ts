import { ProofError } from '../errors.ts'
import { checkField, fromLittleEndian, mod, toLittleEndian } from '../field.ts'
import type { Groth16Proof, RlnProof } from '../proof.ts'

/**
 * A proof of one message id in one epoch that only lacks x (docs/proofs.md): A = a0 + x·ax, B = b0 + x·bx,
 * C = c0 + x·cx + x²·cxx, y = y0 + x·slope. Points are plain coordinates of 32 little-endian bytes each.
 *
 * It is as secret as the member's secret (y0 is the secret itself), and may be finished with one x only.
 */
export interface Slot {
  readonly a0: Uint8Array
  readonly ax: Uint8Array
  readonly b0: Uint8Array
  readonly bx: Uint8Array
  readonly c0: Uint8Array
  readonly cx: Uint8Array
  readonly cxx: Uint8Array
  readonly y0: bigint
  readonly slope: bigint
  readonly root: bigint
  readonly nullifier: bigint
  readonly externalNullifier: bigint
}

const POINTS = { a0: 64, ax: 64, b0: 128, bx: 128, c0: 64, cx: 64, cxx: 64 } as const
const SCALARS = ['y0', 'slope', 'root', 'nullifier', 'externalNullifier'] as const
const POINT_NAMES = Object.keys(POINTS) as (keyof typeof POINTS)[]
/** Length of an encoded slot. */
export const SLOT_BYTES = Object.values(POINTS).reduce((sum, size) => sum + size, 0) + 32 * SCALARS.length

export function encodeSlot(slot: Slot): Uint8Array {
  const parts = [
    ...POINT_NAMES.map((name) => slot[name]),
    ...SCALARS.map((name) => toLittleEndian(slot[name])),
  ]
  const bytes = new Uint8Array(SLOT_BYTES)
  parts.reduce((at, part) => (bytes.set(part, at), at + part.length), 0)
  return bytes
}

/** Throws ProofError BAD_SLOT for another length and OUT_OF_FIELD for scalars that are not reduced. */
export function decodeSlot(bytes: Uint8Array): Slot {
  if (bytes.length !== SLOT_BYTES) {
    throw new ProofError(`A slot has ${SLOT_BYTES} bytes, not ${bytes.length}`, { code: 'BAD_SLOT' })
  }
  const own = new Uint8Array(bytes)
  let at = 0
  const take = (length: number) => own.slice(at, (at += length))
  const points = POINT_NAMES.map((name) => [name, take(POINTS[name])] as const)
  const scalars = SCALARS.map((name) => [name, checkField(name, fromLittleEndian(take(32)))] as const)
  return Object.fromEntries<Uint8Array | bigint>([...points, ...scalars]) as unknown as Slot
}

/** Turns slots into proofs. */
export interface SlotFinisher {
  /**
   * The proof for x. The caller has made sure that this slot can never be finished again: a second x reveals the
   * member's secret. Throws ProofError OUT_OF_FIELD or ZERO_X.
   */
  finish(slot: Slot, x: bigint): RlnProof
}

/** Opens the little that finishing needs: neither the circuit nor its keys. */
export async function slotFinisher(): Promise<SlotFinisher> {
  const [{ createEngine }, { pointGroup }] = await Promise.all([
    import('../groth16/engine.ts'),
    import('../groth16/group.ts'),
  ])
  const engine = await createEngine()
  const [g1, g2] = [pointGroup(engine, 'g1'), pointGroup(engine, 'g2')]
  return {
    finish(slot, x) {
      if (checkField('x', x) === 0n) throw new ProofError('x = 0 would reveal the secret', { code: 'ZERO_X' })
      const a = g1.add(g1.decode(slot.a0), g1.multiply(g1.decode(slot.ax), x))
      const b = g2.add(g2.decode(slot.b0), g2.multiply(g2.decode(slot.bx), x))
      const inner = g1.add(g1.decode(slot.cx), g1.multiply(g1.decode(slot.cxx), x))
      const c = g1.add(g1.decode(slot.c0), g1.multiply(inner, x))
      return {
        proof: proofOf(g1.encode(a), g2.encode(b), g1.encode(c)),
        y: mod(slot.y0 + x * slot.slope),
        root: slot.root,
        nullifier: slot.nullifier,
        x,
        externalNullifier: slot.externalNullifier,
      }
    },
  }
}

/** A proof from plain coordinates. */
export function proofOf(a: Uint8Array, b: Uint8Array, c: Uint8Array): Groth16Proof {
  const pair = (bytes: Uint8Array, at = 0): [bigint, bigint] => [
    fromLittleEndian(bytes.subarray(at, at + 32)),
    fromLittleEndian(bytes.subarray(at + 32, at + 64)),
  ]
  return { a: pair(a), b: [pair(b), pair(b, 64)], c: pair(c) }
}
