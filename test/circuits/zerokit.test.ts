import { readFile } from 'node:fs/promises'
import { createVerifier, decodeProof, encodeProof, type RlnProof } from '@teahouse/protocol/rln'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const Vector = z.object({
  wire: z.string(),
  publicSignals: z.tuple([z.string(), z.string(), z.string(), z.string(), z.string()]),
  proof: z.object({
    pi_a: z.array(z.string()),
    pi_b: z.array(z.array(z.string())),
    pi_c: z.array(z.string()),
  }),
  verificationKey: z.unknown(),
})
const file = new URL('../vectors/zerokit-rln20-proof.json', import.meta.url)
const vector = Vector.parse(JSON.parse(await readFile(file, 'utf8')))
const wire = Buffer.from(vector.wire, 'hex')
const [y, root, nullifier, x, externalNullifier] = vector.publicSignals.map(BigInt) as [
  bigint,
  bigint,
  bigint,
  bigint,
  bigint,
]
const claim: RlnProof = {
  proof: decodeProof(wire.subarray(0, 128)),
  y,
  root,
  nullifier,
  x,
  externalNullifier,
}

describe('a proof made by zerokit under the public ceremony key', () => {
  it('is read to the coordinates that zerokit reports', () => {
    const numbers = (texts: readonly string[]) => texts.slice(0, 2).map(BigInt)
    expect(claim.proof.a).toEqual(numbers(vector.proof.pi_a))
    expect(claim.proof.b).toEqual(vector.proof.pi_b.slice(0, 2).map(numbers))
    expect(claim.proof.c).toEqual(numbers(vector.proof.pi_c))
  })

  it('is written to the same bytes', () => {
    expect(Buffer.from(encodeProof(claim.proof)).equals(wire.subarray(0, 128))).toBe(true)
  })

  it('has its public signals behind the proof: root, external nullifier, x, y, nullifier', () => {
    const values = [root, externalNullifier, x, y, nullifier]
    const read = values.map((_, at) =>
      BigInt(
        `0x${Buffer.from(wire.subarray(128 + 32 * at, 160 + 32 * at))
          .reverse()
          .toString('hex')}`,
      ),
    )
    expect(read).toEqual(values)
  })

  it('verifies under that key, in our order of signals', async () => {
    const verifier = createVerifier(vector.verificationKey)
    expect(await verifier.verify(claim)).toBe(true)
    expect(await verifier.verify({ ...claim, root: y, y: root })).toBe(false)
  })
})
