import fc from 'fast-check'
import { type Address, type Hex, recoverTypedDataAddress } from 'viem'
import { privateKeyToAccount, privateKeyToAddress } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { claimKey } from './claim-key.ts'
import { claimDigest, claimTypedData, signClaim } from './claim.ts'
import { EnvelopeError } from './errors.ts'
import { isShareOf, type Share, shareLeaf, sharesOf, shareTree } from './shares.ts'
import { MAX_SHARES, shuffled, splitEqually, splitRandomly } from './split.ts'
import { createTypedData, envelopeId, signCreate, type Terms } from './terms.ts'

const SECRET = new Uint8Array(32).fill(7)
const ENVELOPES: Address = '0x1000000000000000000000000000000000000001'
const OTHER: Address = '0x2000000000000000000000000000000000000002'
const CHAIN = 31337
const creator = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const word = (byte: string): Hex => `0x${byte.repeat(32)}`
const TERMS: Terms = {
  creator: creator.address,
  amount: 300n,
  shares: 3,
  expiry: 1_700_086_400,
  gated: false,
  root: word('ab'),
  salt: word('01'),
}

function codeOf(act: () => unknown): string | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(EnvelopeError)
    return (error as EnvelopeError).code
  }
}

const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n)
const split = fc
  .record({
    count: fc.integer({ min: 1, max: MAX_SHARES }),
    minimum: fc.bigInt(1n, 10n ** 9n),
    spare: fc.bigInt(0n, 2n ** 96n),
  })
  .map(({ count, minimum, spare }) => ({ count, minimum, amount: BigInt(count) * minimum + spare }))

describe('an amount', () => {
  it('is split equally, to the unit', () => {
    fc.assert(
      fc.property(split, ({ amount, count }) => {
        const parts = splitEqually(amount, count)
        expect(parts).toHaveLength(count)
        expect(sum(parts)).toBe(amount)
        expect(parts[0]! - parts.at(-1)).toBeLessThanOrEqual(1n)
      }),
    )
  })

  it('is split at random, to the unit, into no less than the minimum', () => {
    fc.assert(
      fc.property(split, ({ amount, count, minimum }) => {
        const parts = splitRandomly(amount, count, { minimum })
        expect(parts).toHaveLength(count)
        expect(sum(parts)).toBe(amount)
        expect(parts.every((part) => part >= minimum)).toBe(true)
      }),
    )
  })

  it('is split into every possible list alike', () => {
    // 6 in three parts: ten lists. 5,000 draws give each about 500; 20 standard deviations are more than 400.
    const seen = new Map<string, number>()
    for (let draw = 0; draw < 5_000; draw++) {
      const list = splitRandomly(6n, 3).join()
      seen.set(list, (seen.get(list) ?? 0) + 1)
    }
    expect(seen.size).toBe(10)
    for (const times of seen.values()) expect(Math.abs(times - 500)).toBeLessThan(200)
  })

  it.each([
    { given: 'no parts', act: () => splitEqually(10n, 0) },
    { given: 'half a part', act: () => splitEqually(10n, 1.5) },
    { given: '129 parts', act: () => splitRandomly(1_000n, 129) },
    { given: 'fewer units than parts', act: () => splitRandomly(4n, 5) },
    { given: 'less than the minimum for all', act: () => splitRandomly(99n, 10, { minimum: 10n }) },
    { given: 'a minimum of nothing', act: () => splitRandomly(99n, 10, { minimum: 0n }) },
    { given: 'more than 128 bits', act: () => splitEqually(2n ** 128n, 2) },
  ])('with $given is refused', ({ act }) => {
    expect(codeOf(act)).toBe('OUT_OF_RANGE')
  })

  it('shuffled is the same in another order, each order as likely', () => {
    const seen = new Map<string, number>()
    for (let draw = 0; draw < 6_000; draw++) {
      const order = shuffled([1, 2, 3]).join('')
      seen.set(order, (seen.get(order) ?? 0) + 1)
    }
    expect([...seen.keys()].sort()).toEqual(['123', '132', '213', '231', '312', '321'])
    for (const times of seen.values()) expect(Math.abs(times - 1_000)).toBeLessThan(300)
  })
})

describe('claim keys', () => {
  it('follow from the secret and the index, all different', () => {
    const keys = Array.from({ length: MAX_SHARES }, (_, index) => claimKey(SECRET, index))
    expect(new Set(keys).size).toBe(MAX_SHARES)
    expect(claimKey(SECRET, 0)).toBe('0xfa3b55d77fc8de4c35cb680a6b1cb96055c6b5255cceb7cf49c0e6edd07b9503')
    expect(claimKey(new Uint8Array(32).fill(8), 0)).not.toBe(keys[0])
  })

  it.each([
    { given: 'a short secret', secret: new Uint8Array(31), index: 0, code: 'BAD_SECRET' },
    { given: 'an index of 128', secret: SECRET, index: 128, code: 'OUT_OF_RANGE' },
    { given: 'an index of -1', secret: SECRET, index: -1, code: 'OUT_OF_RANGE' },
    { given: 'an index of 0.5', secret: SECRET, index: 0.5, code: 'OUT_OF_RANGE' },
  ])('of $given: $code', ({ secret, index, code }) => {
    expect(codeOf(() => claimKey(secret, index))).toBe(code)
  })
})

describe('the tree of shares', () => {
  const amounts = fc.array(fc.bigInt(1n, 2n ** 128n - 1n), { minLength: 1, maxLength: 40 })
  /** Without keys of their own, which take long to derive. */
  const sharesFrom = (list: readonly bigint[]): Share[] =>
    list.map((amount, index) => ({ index, amount, key: index % 2 ? OTHER : ENVELOPES }))

  it('has every share under its root, and no other', () => {
    fc.assert(
      fc.property(amounts, fc.nat(), fc.nat(), (list, one, other) => {
        const shares = sharesFrom(list)
        const tree = shareTree(shares)
        const share = shares[one % shares.length]!
        const path = tree.path(share.index)
        expect(isShareOf(tree.root, share, path)).toBe(true)
        expect(isShareOf(tree.root, { ...share, amount: share.amount ^ 1n }, path)).toBe(false)
        expect(isShareOf(tree.root, { ...share, index: share.index ^ 1 }, path)).toBe(false)
        expect(isShareOf(tree.root, { ...share, key: creator.address }, path)).toBe(false)
        expect(isShareOf(tree.root, share, [...path, tree.root])).toBe(false)
        const elsewhere = other % shares.length
        if (elsewhere !== share.index) {
          expect(isShareOf(tree.root, share, tree.path(elsewhere))).toBe(false)
        }
      }),
    )
  })

  it('of one share is its leaf', () => {
    const [share] = sharesOf([5n], SECRET)
    const tree = shareTree([share!])
    expect(tree.root).toBe(shareLeaf(share!))
    expect(tree.path(0)).toEqual([])
    expect(share!.key).toBe(privateKeyToAddress(claimKey(SECRET, 0)))
  })

  it('refuses what the contract would', () => {
    expect(codeOf(() => shareTree([]))).toBe('OUT_OF_RANGE')
    expect(codeOf(() => shareTree(sharesFrom(Array.from({ length: 129 }, () => 1n))))).toBe('OUT_OF_RANGE')
    expect(codeOf(() => sharesOf([0n], SECRET))).toBe('OUT_OF_RANGE')
    expect(codeOf(() => sharesOf([2n ** 128n], SECRET))).toBe('OUT_OF_RANGE')
    for (const index of [-1, 3, 0.5]) {
      expect(codeOf(() => shareTree(sharesFrom([1n, 2n, 3n])).path(index))).toBe('NO_SUCH_SHARE')
    }
  })
})

describe('the terms', () => {
  it('name one envelope on one contract of one chain', () => {
    const id = envelopeId(ENVELOPES, CHAIN, TERMS)
    const changes: Partial<Terms>[] = [
      { creator: OTHER },
      { amount: 303n },
      { shares: 1 },
      { expiry: 1 },
      { gated: true, root: word('01') },
      { root: word('cd') },
      { salt: word('02') },
    ]
    for (const change of changes) expect(envelopeId(ENVELOPES, CHAIN, { ...TERMS, ...change })).not.toBe(id)
    expect(envelopeId(OTHER, CHAIN, TERMS)).not.toBe(id)
    expect(envelopeId(ENVELOPES, 1, TERMS)).not.toBe(id)
  })

  it.each([
    { field: 'shares', bad: { shares: 0 } },
    { field: 'shares', bad: { shares: 129 } },
    { field: 'amount', bad: { amount: 0n } },
    { field: 'amount', bad: { amount: 2n ** 128n } },
    { field: 'expiry', bad: { expiry: 2 ** 40 } },
    { field: 'expiry', bad: { expiry: 1.5 } },
    { field: 'root', bad: { root: word('00') } },
    { field: 'root', bad: { gated: true, root: word('ff') } },
    { field: 'amount', bad: { gated: true, root: word('01'), amount: 301n } },
  ])('with $bad are refused for $field', ({ field, bad }) => {
    const refused = expect.objectContaining({
      detail: expect.objectContaining({ code: 'OUT_OF_RANGE', field }) as unknown,
    })
    expect(() => envelopeId(ENVELOPES, CHAIN, { ...TERMS, ...bad })).toThrow(refused)
    expect(() => createTypedData(ENVELOPES, CHAIN, { ...TERMS, ...bad }, 1)).toThrow(refused)
  })

  it('are signed by their creator, until a deadline', async () => {
    const signature = await signCreate(creator, ENVELOPES, CHAIN, TERMS, 99)
    const by = (deadline: number, terms = TERMS) =>
      recoverTypedDataAddress({ ...createTypedData(ENVELOPES, CHAIN, terms, deadline), signature })
    expect(await by(99)).toBe(creator.address)
    expect(await by(100)).not.toBe(creator.address)
    expect(await by(99, { ...TERMS, amount: 3n })).not.toBe(creator.address)
    expect(codeOf(() => createTypedData(ENVELOPES, CHAIN, TERMS, -1))).toBe('OUT_OF_RANGE')
  })
})

describe('a claim', () => {
  const id = envelopeId(ENVELOPES, CHAIN, TERMS)

  it('is signed by the claim key, for one recipient of one envelope', async () => {
    const key = claimKey(SECRET, 1)
    const signature = await signClaim(key, ENVELOPES, CHAIN, id, OTHER)
    const by = (typed: ReturnType<typeof claimTypedData>) => recoverTypedDataAddress({ ...typed, signature })
    const owner = privateKeyToAddress(key)
    expect(await by(claimTypedData(ENVELOPES, CHAIN, id, OTHER))).toBe(owner)
    expect(await by(claimTypedData(ENVELOPES, CHAIN, id, ENVELOPES))).not.toBe(owner)
    expect(await by(claimTypedData(ENVELOPES, CHAIN, word('01'), OTHER))).not.toBe(owner)
    expect(await by(claimTypedData(ENVELOPES, 1, id, OTHER))).not.toBe(owner)
    expect(await by(claimTypedData(OTHER, CHAIN, id, OTHER))).not.toBe(owner)
    expect(claimDigest(ENVELOPES, CHAIN, id, OTHER)).not.toBe(claimDigest(ENVELOPES, CHAIN, id, ENVELOPES))
  })
})
