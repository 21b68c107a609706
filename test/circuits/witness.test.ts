import {
  FIELD,
  identityFromSecret,
  madeBySecret,
  membershipTree,
  recoverSecret,
  rootOfPath,
} from '@teahouse/protocol/rln'
import { poseidon1 } from 'poseidon-lite/poseidon1'
import { poseidon2 } from 'poseidon-lite/poseidon2'
import { poseidon3 } from 'poseidon-lite/poseidon3'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LIMIT, memberAt, SECRET, witnessOf } from './support/rln.ts'

const { root, input } = memberAt(5)

describe('what the circuit computes', () => {
  it('is RLN-v2: root, share and nullifier', async () => {
    const { signals } = await witnessOf(input)
    const slope = poseidon3([SECRET, input.externalNullifier, 0n])
    expect(signals).toEqual({
      y: (SECRET + slope * input.x) % FIELD,
      root,
      nullifier: poseidon1([slope]),
      x: input.x,
      externalNullifier: input.externalNullifier,
    })
  })

  it('accepts the last message id and the largest limit', async () => {
    expect((await witnessOf({ ...input, messageId: LIMIT - 1 })).signals.root).toBe(root)
    const largest = memberAt(5, 65_535)
    expect((await witnessOf({ ...largest.input, messageId: 65_534 })).signals.root).toBe(largest.root)
  })

  it('proves leaves on both sides, at both ends of the tree', async () => {
    for (const index of [0, 1, 2 ** 20 - 1]) {
      const tree = membershipTree()
      const leaf = poseidon2([identityFromSecret(SECRET).commitment, BigInt(LIMIT)])
      if (index < 2) tree.set(index, leaf)
      const path = tree.path(index)
      expect((await witnessOf({ ...input, path })).signals.root).toBe(rootOfPath(leaf, path))
    }
  })

  it('reveals the secret to who has two messages of one slot, and only then', async () => {
    const first = (await witnessOf(input)).signals
    const second = (await witnessOf({ ...input, x: 78n })).signals
    const otherSlot = (await witnessOf({ ...input, x: 78n, messageId: 1 })).signals
    expect(second.nullifier).toBe(first.nullifier)
    expect(recoverSecret(first, second)).toBe(SECRET)
    expect(otherSlot.nullifier).not.toBe(first.nullifier)
    expect(recoverSecret(first, otherSlot)).not.toBe(SECRET)
    expect(madeBySecret(SECRET, otherSlot)).toBe(true)
  })

  it('names slots apart by message id, epoch and member', async () => {
    const slots = [
      input,
      { ...input, messageId: 1 },
      { ...input, externalNullifier: 100n },
      { ...input, secret: 3n },
    ]
    const nullifiers = await Promise.all(slots.map(async (slot) => (await witnessOf(slot)).signals.nullifier))
    expect(new Set(nullifiers).size).toBe(4)
  })

  it('gives another root for a path, limit or secret that is not the member’s', async () => {
    const changes = [
      { userMessageLimit: BigInt(LIMIT + 1) },
      { identitySecret: SECRET + 1n },
      { pathElements: input.path.elements.map((element, level) => (level === 7 ? element + 1n : element)) },
      {
        identityPathIndex: input.path.indices.map((index, level) => BigInt(level === 0 ? 1 - index : index)),
      },
    ]
    for (const change of changes) expect((await witnessOf(input, change)).signals.root).not.toBe(root)
  })
})

describe('when the circuit must refuse', () => {
  beforeEach(() => void vi.spyOn(console, 'error').mockReturnValue()) // the witness generator says where it failed
  afterEach(() => void vi.restoreAllMocks())

  it.each<{ given: string; changes: Record<string, unknown> }>([
    { given: 'a message id at the limit', changes: { messageId: BigInt(LIMIT) } },
    { given: 'a message id above the limit', changes: { messageId: BigInt(LIMIT + 1) } },
    { given: 'a message id of 17 bits', changes: { messageId: 65_536n } },
    { given: 'a message id of −1', changes: { messageId: FIELD - 1n } },
    { given: 'a limit of zero', changes: { userMessageLimit: 0n } },
    { given: 'a limit of 17 bits', changes: { userMessageLimit: 65_536n } },
    {
      given: 'a limit that wraps around the field',
      changes: { userMessageLimit: FIELD - 1n, messageId: 5n },
    },
    {
      given: 'a message id and a limit that both wrap',
      changes: { userMessageLimit: 5n - 1n, messageId: FIELD - 5n },
    },
    { given: 'a path index of 2', changes: { identityPathIndex: Array.from({ length: 20 }, () => 2n) } },
    {
      given: 'a path index of −1',
      changes: { identityPathIndex: Array.from({ length: 20 }, () => FIELD - 1n) },
    },
    { given: 'a path that is too short', changes: { pathElements: [1n, 2n] } },
    { given: 'a signal left out', changes: { x: [] } },
  ])('given $given, finds no witness', async ({ changes }) => {
    await expect(witnessOf(input, changes)).rejects.toThrow()
  })
})
