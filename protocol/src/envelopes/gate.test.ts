import { readFile } from 'node:fs/promises'
import { hexToBytes } from 'viem'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadSemaphore } from './artifacts.ts'
import { createGateProver, type GateProver } from './gate.ts'
import { groupOf, type Member, memberKey, memberOf } from './member.ts'
import type { Address, Hex } from 'viem'

interface Vectors {
  readonly identities: readonly { privateKey: Hex; secretScalar: string; commitment: string }[]
  readonly groups: readonly {
    size: number
    root: string
    paths: readonly { index: number; siblings: readonly string[] }[]
  }[]
  readonly proof: {
    member: number
    size: number
    recipient: Address
    envelope: Hex
    nullifier: string
    root: string
  }
}

let vectors: Vectors
let members: Member[]
let prove: GateProver

const groupOfFirst = (size: number) => groupOf(members.slice(0, size).map(({ commitment }) => commitment))

beforeAll(async () => {
  const file = new URL('../../../test/vectors/semaphore16.json', import.meta.url)
  vectors = JSON.parse(await readFile(file, 'utf8')) as Vectors
  members = vectors.identities.map(({ privateKey }) => memberOf(hexToBytes(privateKey)))
  prove = await createGateProver(await loadSemaphore((url) => readFile(url)))
})

describe('beside Semaphore’s own tools', () => {
  it('a private key makes the same identity', () => {
    vectors.identities.forEach(({ secretScalar, commitment }, at) => {
      expect(members[at]).toEqual({ secretScalar: BigInt(secretScalar), commitment: BigInt(commitment) })
    })
  })

  it('groups have the same root and paths', () => {
    for (const { size, root, paths } of vectors.groups) {
      const group = groupOfFirst(size)
      expect(group.root).toBe(BigInt(root))
      paths.forEach(({ index, siblings }, at) => {
        expect(group.path(members[at]!.commitment)).toEqual({ index, siblings: siblings.map(BigInt) })
      })
    }
  })

  it('a member has the same nullifier in an envelope, whoever is paid', () => {
    const { member, size, recipient, envelope, nullifier, root } = vectors.proof
    const group = groupOfFirst(size)
    expect(group.root).toBe(BigInt(root))
    const proof = prove({ member: members[member]!, group, envelope, recipient })
    expect(proof.nullifier).toBe(BigInt(nullifier))
  }, 60_000)
})

describe('an account', () => {
  it('has another identity in every group, the same each time', () => {
    const secret = new Uint8Array(64).fill(3)
    const [tea, chess] = ['tea', 'chess'].map((name) => new TextEncoder().encode(name))
    const commitmentIn = (group: Uint8Array) => memberOf(memberKey(secret, group)).commitment
    expect(commitmentIn(tea!)).toBe(commitmentIn(tea!))
    expect(commitmentIn(tea!)).not.toBe(commitmentIn(chess!))
    expect(memberKey(new Uint8Array(64).fill(4), tea!)).not.toEqual(memberKey(secret, tea!))
    expect(() => memberKey(new Uint8Array(31), tea!)).toThrow(expect.objectContaining({ code: 'BAD_SECRET' }))
  })
})

describe('when it must refuse', () => {
  it('an identity that is not in the group', () => {
    expect(() => groupOfFirst(5).path(members[6]!.commitment)).toThrow(
      expect.objectContaining({ code: 'NOT_A_MEMBER' }),
    )
  })

  it('an empty group, and a short private key', () => {
    expect(() => groupOf([])).toThrow(expect.objectContaining({ code: 'OUT_OF_RANGE' }))
    expect(() => memberOf(new Uint8Array(31))).toThrow(expect.objectContaining({ code: 'BAD_SECRET' }))
  })

  it('artifacts that are not the committed ones', async () => {
    await expect(loadSemaphore(async () => new Uint8Array(3))).rejects.toMatchObject({
      detail: { code: 'BAD_ARTIFACT', file: 'semaphore_16.wasm' },
    })
  })
})
