import fc from 'fast-check'
import { getAddress, type Hex, numberToHex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import {
  cutBucket,
  type MembershipChange,
  membershipLedger,
  membershipTree,
  signRoots,
  snapshotHeader,
  writeSnapshot,
} from '../rln/index.ts'
import { MemberRequest, MemberResponse } from '../wire/index.ts'
import { memberCalls } from './calls.ts'
import {
  decodeBucket,
  decodeChanges,
  decodeRoots,
  encodeBucket,
  encodeChanges,
  encodeRoots,
} from './messages.ts'

const word = (value: number): Hex => numberToHex(value, { size: 32 })
const address = (value: number) => getAddress(numberToHex(value, { size: 20 }))
const account = privateKeyToAccount(generatePrivateKey())
const NETWORK = { chainId: 31337, registry: address(9) }

const said = { blockNumber: 5n, blockHash: word(5), roots: [word(1)], ledgerHash: word(3), memberCount: 4 }
const signature = await signRoots(account, NETWORK.registry, NETWORK.chainId, said)
const signed = { ...said, ...NETWORK, node: account.address, signature }

const base = { index: 1, idCommitment: 2n ** 250n, holder: address(4), ledger: word(8) }
const changes: MembershipChange[] = [
  { ...base, kind: 'registered', rateLimit: 600, expiry: 2 ** 40 - 1, home: 0 },
  { ...base, kind: 'renewed', expiry: 1 },
  { ...base, kind: 'exited' },
  { ...base, kind: 'slashed', secret: 77n },
]
const page = {
  blocks: [{ number: 5n, hash: word(5), timestamp: 9, changes }],
  toBlock: 7n,
  toHash: word(7),
  ledgerHash: word(8),
}

/** A node that answers every request with this; requests are kept. */
function calls(answer: Partial<MemberResponse> | ((request: MemberRequest) => Partial<MemberResponse>)) {
  const asked: MemberRequest[] = []
  const exchange = async (bytes: Uint8Array): Promise<Uint8Array> => {
    const request = MemberRequest.decode(bytes)
    asked.push(request)
    const fields = typeof answer === 'function' ? answer(request) : answer
    return MemberResponse.encode({ requestId: '', statusCode: 200, ...fields })
  }
  return { asked, ...memberCalls(exchange, account.address, NETWORK) }
}

describe('what travels', () => {
  it('is read as it was written', () => {
    expect(decodeRoots(encodeRoots(signed), account.address)).toEqual(signed)
    expect(decodeChanges(encodeChanges(page))).toEqual(page)
    const tree = membershipTree()
    tree.set(3, 5n)
    const at = { bucket: cutBucket(tree, 0), blockNumber: 5n, blockHash: word(5) }
    expect(decodeBucket(encodeBucket(at))).toEqual(at)
  })

  it('is checked: roots by their signature, chain, registry and block', async () => {
    const { roots, asked } = calls({ roots: encodeRoots(signed) })
    expect(await roots(word(5))).toEqual(signed)
    expect(asked[0]?.roots?.blockHash).toHaveLength(32)
    await expect(roots(word(6))).rejects.toMatchObject({ code: 'BAD_ANSWER' })
    for (const change of [
      { chainId: 1 },
      { registry: address(8) },
      { roots: [] },
      { signature: '0x00' as Hex },
    ]) {
      const lying = calls({ roots: encodeRoots({ ...signed, ...change }) })
      await expect(lying.roots()).rejects.toMatchObject({ code: 'BAD_ANSWER' })
    }
    const forged = calls({ roots: encodeRoots({ ...signed, memberCount: 5 }) })
    await expect(forged.roots()).rejects.toMatchObject({ code: 'WRONG_SIGNER' })
  })
})

describe('a snapshot in chunks', () => {
  const ledger = membershipLedger({ graceSeconds: 1, rootWindowSeconds: 1, keepRecords: true })
  ledger.advance({ number: 1n, timestamp: 1 })
  const state = ledger.state()!
  const whole = writeSnapshot(snapshotHeader(state, { ...NETWORK, blockHash: word(5) }), state)
  const chunk = (offset: bigint, length: number) => ({
    snapshot: {
      blockHash: Buffer.from(word(5).slice(2), 'hex'),
      offset,
      total: BigInt(whole.length),
      data: whole.subarray(Number(offset), Number(offset) + length),
    },
  })

  it('is joined to the whole', async () => {
    const { snapshot, asked } = calls(({ snapshot: query }) => chunk(query!.offset, 150))
    expect(await snapshot(1_000)).toEqual(whole)
    expect(asked.map(({ snapshot: query }) => query?.offset)).toEqual([0n, 150n])
  })

  it.each([
    { given: 'one over the limit', limit: 100, answer: () => chunk(0n, 150) },
    { given: 'one that does not go on', limit: 1_000, answer: () => chunk(0n, 140) },
    {
      given: 'one that ends in nothing',
      limit: 1_000,
      answer: (offset: bigint) => chunk(offset, offset ? 0 : 140),
    },
    { given: 'one without a whole header', limit: 1_000, answer: () => chunk(0n, 100) },
  ])('is refused: $given', async ({ limit, answer }) => {
    const { snapshot } = calls(({ snapshot: query }) => answer(query!.offset))
    await expect(snapshot(limit)).rejects.toMatchObject({ code: 'BAD_ANSWER' })
  })
})

describe('when an answer must be refused', () => {
  it('keeps what the node said no with', async () => {
    const refused = calls({ statusCode: 429, statusDesc: 'TOO_MANY_REQUESTS: later' })
    await expect(refused.changes(0n)).rejects.toMatchObject({ code: 'REFUSED', detail: { status: 429 } })
  })

  it('is one to another question', async () => {
    await expect(calls({ roots: encodeRoots(signed) }).bucket(1)).rejects.toMatchObject({
      code: 'BAD_ANSWER',
    })
    const tree = membershipTree()
    const at = { bucket: cutBucket(tree, 2), blockNumber: 5n, blockHash: word(5) }
    await expect(calls({ bucket: encodeBucket(at) }).bucket(1)).rejects.toMatchObject({ code: 'BAD_ANSWER' })
  })

  it.each([
    { given: 'blocks out of order', change: { blocks: [page.blocks[0]!, page.blocks[0]!] } },
    { given: 'a block behind the end', change: { toBlock: 4n } },
  ])('has $given', ({ change }) => {
    expect(() => decodeChanges(encodeChanges({ ...page, ...change }))).toThrow(
      expect.objectContaining({ code: 'BAD_ANSWER' }) as Error,
    )
  })

  it('is any other bytes: always a typed error', async () => {
    const good = [
      { roots: encodeRoots(signed) },
      { changes: encodeChanges(page) },
      {
        bucket: encodeBucket({ bucket: cutBucket(membershipTree(), 0), blockNumber: 1n, blockHash: word(1) }),
      },
    ].map((fields) => MemberResponse.encode({ requestId: '', statusCode: 200, ...fields }))
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .tuple(fc.constantFrom(...good), fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 5 }))
        .map(([from, edits]) => edits.reduce((copy, [at, to]) => copy.with(at % copy.length, to), from)),
    )
    await fc.assert(
      fc.asyncProperty(bytes, async (answer) => {
        const { roots, changes: since, bucket } = memberCalls(async () => answer, account.address, NETWORK)
        for (const ask of [roots, () => since(0n), () => bucket(0)]) {
          const error = await ask().then(() => undefined, (reason: unknown) => reason) // prettier-ignore
          if (error !== undefined) expect(error).toHaveProperty('detail.code')
        }
      }),
      { numRuns: 300 },
    )
  })
})
