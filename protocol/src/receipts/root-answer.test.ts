import fc from 'fast-check'
import { type Address, type Hex, keccak256, toHex, zeroHash } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { isTeahouseError } from '../errors.ts'
import { decode, RootRequest, RootResponse } from '../wire/index.ts'
import { archiveTree } from './archive.ts'
import { signArchiveRoot } from './archive-statements.ts'
import {
  checkRootAnswer,
  decodeRootAnswer,
  encodeRootAnswer,
  encodeRootRequest,
  MAX_ROOT_ANSWER_BYTES,
  MAX_ROOT_REQUEST_BYTES,
  type RootAnswer,
  type RootQuestion,
} from './root-answer.ts'

const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const COURT: Address = '0x1000000000000000000000000000000000000001'
const hash = (n: number): Hex => keccak256(toHex(n))
const tree = archiveTree(Array.from({ length: 9 }, (_, at) => hash(at)))
const HERE = hash(4)
const NOT_HERE = hash(99)
const WHERE = { operator: 7, cluster: 1984, shard: 3, hour: 480_000n }
const QUESTION: RootQuestion = { ...WHERE, court: COURT, chainId: 31337, node: account.address }

async function said(over: Pick<typeof tree, 'root' | 'count'>, liability = 2n ** 128n - 1n) {
  const root = { ...WHERE, count: over.count, root: over.root, liability }
  return { ...root, signature: await signArchiveRoot(account, COURT, 31337, root) }
}
const root = await said(tree)
const present: RootAnswer = { root, presence: tree.presenceOf(HERE)! }
const absent: RootAnswer = { root, absence: tree.absenceOf(NOT_HERE) }

const bytesOf = (answer: RootAnswer) =>
  RootResponse.encode({ requestId: '', statusCode: 200, ...encodeRootAnswer(answer) })
const overTheWire = (answer: RootAnswer) => decodeRootAnswer(bytesOf(answer))

describe('an answer about an hour', () => {
  it('says whether a hash is there, over the wire too', async () => {
    expect(overTheWire(present)).toEqual(present)
    expect(overTheWire(absent)).toEqual(absent)
    const ask = (messageHash: Hex, answer: RootAnswer) =>
      checkRootAnswer({ ...QUESTION, messageHash }, answer)
    expect(await ask(HERE, overTheWire(present))).toBe('present')
    expect(await ask(NOT_HERE, overTheWire(absent))).toBe('absent')
    expect(await checkRootAnswer(QUESTION, overTheWire({ root }))).toBeUndefined()
  })

  it.each([zeroHash, `0x${'ff'.repeat(32)}` as const, hash(123)])(
    'of nothing shows that %s is missing',
    async (one) => {
      const empty = archiveTree([])
      const answer = overTheWire({ root: await said(empty, 0n), absence: empty.absenceOf(one) })
      expect(answer.root.liability).toBe(0n)
      expect(await checkRootAnswer({ ...QUESTION, messageHash: one }, answer)).toBe('absent')
    },
  )

  it('is small, as its request is, however many hashes there are', () => {
    const path = Array.from({ length: 32 }, (_, at) => hash(at))
    const absence = { index: 2 ** 32 - 2, left: HERE, leftPath: path, right: HERE, rightPath: path }
    const largest = bytesOf({ root: { ...root, count: 2 ** 32 - 1 }, absence })
    expect(largest.length).toBeLessThan(MAX_ROOT_ANSWER_BYTES - 500)
    const request = encodeRootRequest(0xffff, 2n ** 64n - 1n, HERE, 'x'.repeat(60))
    expect(request.length).toBeLessThanOrEqual(MAX_ROOT_REQUEST_BYTES)
    expect(decode(RootRequest, request).hour).toBe(2n ** 64n - 1n)
  })
})

describe('when it must refuse', () => {
  const asked = { ...QUESTION, messageHash: HERE }
  it.each<{ given: string; question?: RootQuestion; answer?: RootAnswer; what: RegExp }>([
    { given: 'another operator', question: { ...asked, operator: 8 }, what: /another operator/ },
    { given: 'another cluster', question: { ...asked, cluster: 1 }, what: /another cluster/ },
    { given: 'another shard', question: { ...asked, shard: 4 }, what: /another shard/ },
    { given: 'another hour', question: { ...asked, hour: 480_001n }, what: /another hour/ },
    { given: 'another court', question: { ...asked, court: account.address }, what: /another key/ },
    { given: 'another chain', question: { ...asked, chainId: 1 }, what: /another key/ },
    { given: 'another node', question: { ...asked, node: COURT }, what: /another key/ },
    {
      given: 'a root that was not signed',
      answer: { ...present, root: { ...root, root: hash(1) } },
      what: /another key/,
    },
    {
      given: 'a count that was not signed',
      answer: { ...present, root: { ...root, count: 10 } },
      what: /another key/,
    },
    {
      given: 'an empty root with hashes',
      answer: { ...present, root: { ...root, root: zeroHash } },
      what: /count/,
    },
    { given: 'a root of no hashes', answer: { ...present, root: { ...root, count: 0 } }, what: /count/ },
    { given: 'no proof', answer: { root }, what: /exactly one/ },
    { given: 'both proofs', answer: { ...present, ...absent }, what: /exactly one/ },
    { given: 'the proof of another hash', question: { ...asked, messageHash: hash(5) }, what: /not hold/ },
    { given: 'absence of what is there', answer: absent, what: /not hold/ },
    {
      given: 'a place beyond the end',
      answer: { root, presence: { ...present.presence!, index: 9 } },
      what: /not hold/,
    },
  ])('$given', async ({ question = asked, answer = present, what }) => {
    const error: unknown = await checkRootAnswer(question, answer).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ detail: { code: 'BAD_ANSWER', what: expect.stringMatching(what) } })
  })

  it('a signature in another form: BAD_SIGNATURE', async () => {
    const answer = { ...present, root: { ...root, signature: `0x${'00'.repeat(65)}` as const } }
    await expect(checkRootAnswer(asked, answer)).rejects.toMatchObject({ code: 'BAD_SIGNATURE' })
  })

  it.each([
    { given: 'a refusal', change: { statusCode: 404, statusDesc: 'NOT_FOUND' }, code: 'REFUSED' },
    { given: 'no root', change: { root: undefined }, code: 'BAD_ANSWER' },
    {
      given: 'a short root',
      change: { root: { ...wireRoot(), root: new Uint8Array(31) } },
      code: 'BAD_ANSWER',
    },
    {
      given: 'a long liability',
      change: { root: { ...wireRoot(), liability: new Uint8Array(17) } },
      code: 'BAD_ANSWER',
    },
    {
      given: 'a short signature',
      change: { root: { ...wireRoot(), signature: new Uint8Array(64) } },
      code: 'BAD_ANSWER',
    },
    {
      given: 'a short node',
      change: { presence: { index: 0, path: [new Uint8Array(5)] } },
      code: 'BAD_ANSWER',
    },
    {
      given: 'a short neighbour',
      change: { absence: { index: 1, left: new Uint8Array(1), leftPath: [], rightPath: [] } },
      code: 'BAD_ANSWER',
    },
    {
      given: 'a path without end',
      change: { presence: { index: 0, path: Array.from({ length: 33 }, () => new Uint8Array(32)) } },
      code: 'MALFORMED',
    },
  ])('$given: $code', ({ change, code }) => {
    const answer = { requestId: '', statusCode: 200, ...encodeRootAnswer(present), ...change }
    expect(() => decodeRootAnswer(RootResponse.encode(answer))).toThrow(
      expect.objectContaining({ detail: expect.objectContaining({ code }) }),
    )
  })

  it('any bytes: a typed error, and never another message than was signed', async () => {
    const whole = bytesOf(present)
    const mutated = fc
      .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
      .map((changes) => {
        const bytes = Uint8Array.from(whole)
        for (const [at, value] of changes) bytes[at] = value
        return bytes
      })
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 300 }), mutated), async (bytes) => {
        try {
          const answer = decodeRootAnswer(bytes)
          if ((await checkRootAnswer(asked, answer)) !== 'present') return
          expect({ ...answer.root, signature: '' }).toEqual({ ...root, signature: '' })
        } catch (error) {
          expect(isTeahouseError(error), String(error)).toBe(true)
        }
      }),
      { numRuns: 300 },
    )
  })
})

function wireRoot() {
  return encodeRootAnswer(present).root!
}
