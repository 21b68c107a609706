import {
  createVerifier,
  decodeRateLimitProof,
  encodeProof,
  epochBytes,
  ProofError,
} from '@teahouse/protocol/rln'
import { toLittleEndian } from '../../protocol/src/rln/field.ts'
import { describe, expect, it } from 'vitest'
import { affine, proofs } from './support/proofs.ts'
import { artifacts } from './support/rln.ts'

const MUTATIONS = 100_000
/** Nearly all are bad, so that larger batches would only be halved again and again. */
const BATCH = 4
/** What write-proofs.ts made the proofs for. */
const APPLICATION = new Uint8Array(32).fill(9)

/** A small generator (mulberry32), so that a failure can be repeated. */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

type Fields = Parameters<typeof decodeRateLimitProof>[0]
const originals: Fields[] = proofs.map((claim, at) => ({
  proof: claim.proof,
  merkleRoot: toLittleEndian(claim.root),
  epoch: epochBytes(BigInt(1_000 + at)),
  shareX: toLittleEndian(claim.x),
  shareY: toLittleEndian(claim.y),
  nullifier: toLittleEndian(claim.nullifier),
  rlnIdentifier: APPLICATION,
}))
const NAMES = Object.keys(originals[0]!) as (keyof Fields)[]
/** The bytes that hold the signs of A and B: to change both and nothing else gives a proof that holds. */
const isMalleation = (from: Uint8Array, to: Uint8Array) =>
  from.every((byte, at) => (to[at]! ^ byte) === (at === 31 || at === 95 ? 0x80 : 0))

function mutate(random: (below: number) => number): Fields | undefined {
  const original = originals[random(originals.length)]!
  // The points have more to get wrong than the values.
  const name = random(2) === 0 ? 'proof' : NAMES[random(NAMES.length)]!
  const bytes = Uint8Array.from(original[name])
  const kind = random(6)
  const other = originals[random(originals.length)]![name]
  const at = random(bytes.length)
  const some = Math.min(bytes.length - at, 1 + random(32))
  if (kind <= 1)
    for (let flips = random(4); flips >= 0; flips--) bytes[random(bytes.length)]! ^= 1 << random(8)
  else if (kind === 2) bytes[at] = random(256)
  else if (kind === 3) for (let index = at; index < at + some; index++) bytes[index] = random(256)
  else if (kind === 4) bytes.set(other.subarray(at, at + some), at)
  else bytes.copyWithin(random(bytes.length), at, at + some)
  const length = random(100) === 0 ? random(bytes.length + 1) : bytes.length
  const changed = bytes.subarray(0, length)
  if (Buffer.compare(changed, original[name]) === 0) return undefined
  if (name === 'proof' && length === 128 && isMalleation(original.proof, changed)) return undefined
  return { ...original, [name]: changed }
}

describe('a hundred thousand mutations of real proofs', () => {
  it('are all refused, with a ProofError or by the verifier', { timeout: 3_600_000 }, async () => {
    const seed = Date.now() & 0xffffffff
    const random = generator(seed)
    const verifier = createVerifier(artifacts.vkey)
    const tally = { unread: 0, refused: 0 }
    while (tally.unread + tally.refused < MUTATIONS) {
      // One real proof among them, so that not all is refused.
      const claims = [decodeRateLimitProof(originals[random(originals.length)]!)]
      while (claims.length < BATCH) {
        const fields = mutate(random)
        if (!fields) continue
        try {
          claims.push(decodeRateLimitProof(fields))
        } catch (error) {
          expect(error, `seed ${seed}`).toBeInstanceOf(ProofError)
          tally.unread++
        }
      }
      const [real, ...mutated] = await verifier.verifyBatch(claims)
      expect(real, `seed ${seed}`).toBe(true)
      const accepted = mutated.flatMap((held, at) =>
        held ? [Buffer.from(claims[at + 1]!.proof).toString('hex')] : [],
      )
      expect(accepted, `seed ${seed}`).toEqual([])
      tally.refused += mutated.length
    }
    expect(tally.unread).toBeGreaterThan(MUTATIONS / 100)
    await verifier.stop()
  })

  it('start from proofs that hold', async () => {
    const verifier = createVerifier(artifacts.vkey)
    const decoded = originals.map(decodeRateLimitProof)
    expect(await verifier.verifyBatch(decoded)).toEqual(decoded.map(() => true))
    expect(encodeProof(affine(proofs[0]!).proof)).toEqual(proofs[0]!.proof)
    await verifier.stop()
  })
})
