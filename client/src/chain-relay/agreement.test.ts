import {
  CHAIN_STATUS,
  ChainRelayError,
  CONTENTS,
  NO_QUESTION,
  signAnswer,
  type BlockName,
  type ChainCalls,
} from '@teahouse/protocol/chain-relay'
import { zeroAddress, type Hex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../storage/store.ts'
import { chainAgreement } from './agreement.ts'
import { ChainNodesError } from './errors.ts'
import { chainEvidence } from './evidence.ts'
import type { ChainNode } from './nodes.ts'

const CHAIN_ID = 31_337
const hashOf = (number: bigint): Hex => `0x${number.toString(16).padStart(64, '0')}`
const QUESTION = { kind: 'balance', address: zeroAddress } as const

interface Behaviour {
  /** Its newest block. */
  readonly height?: bigint
  readonly balance?: bigint
  readonly away?: boolean
  /** How often it says first that it is asked too much. */
  readonly busy?: number
  /** What it says is its newest block, if that is not its height. */
  readonly names?: bigint
  /** The hash that it gives its newest block. */
  readonly hash?: Hex
}

/** A node that has the blocks up to its height, and signs what it is told to. */
function nodeOf(operatorId: number, behaviour: Behaviour = {}) {
  const { height = 10n, balance = 5n, away = false, hash, names = height } = behaviour
  const account = privateKeyToAccount(generatePrivateKey())
  const asked: (BlockName | undefined)[] = []
  let refusals = behaviour.busy ?? 0
  const refuse = (status: number, description = 'no') =>
    new ChainRelayError(description, { code: 'REFUSED', status, description })
  const calls: Pick<ChainCalls, 'ask'> = {
    async ask(question, at) {
      asked.push(at)
      if (refusals-- > 0) throw refuse(CHAIN_STATUS.tooManyRequests, 'TOO_MANY_REQUESTS: wait a second')
      if (away) throw refuse(CHAIN_STATUS.unavailable)
      const newest = { number: names, hash: hash ?? hashOf(names) }
      const block = at ?? newest
      const isKnown =
        block.hash === newest.hash || (block.number <= height && block.hash === hashOf(block.number))
      if (!isKnown) throw refuse(CHAIN_STATUS.notFound)
      const answer = question === NO_QUESTION ? '0x' : CONTENTS.balance.encode(balance)
      const statement = {
        blockNumber: block.number,
        blockHash: block.hash,
        blockTime: 1_000n,
        question,
        answer,
      } as const
      const signature = await signAnswer(account, CHAIN_ID, statement)
      return { ...statement, chainId: CHAIN_ID, node: account.address, signature }
    },
  }
  const node: ChainNode = {
    operatorId,
    peerId: `peer-${operatorId}`,
    node: account.address,
    calls: calls as ChainCalls,
  }
  return { node, asked }
}

function world(...behaviours: Behaviour[]) {
  const made = behaviours.map((behaviour, at) => nodeOf(at + 1, behaviour))
  const evidence = chainEvidence(memoryStore())
  const nodes = made.map(({ node }) => node)
  const options = { retryMs: 1, retries: 1, waitMs: 1, freshMs: 0 }
  return { agreement: chainAgreement({ nodes, evidence, options }), evidence, made }
}

const balance = async (agreement: ReturnType<typeof chainAgreement>): Promise<bigint> =>
  CONTENTS.balance.decode(await agreement.ask(QUESTION))
const codeOf = (promise: Promise<unknown>): Promise<string | undefined> =>
  promise.then(
    () => undefined,
    (error: unknown) => (error instanceof ChainNodesError ? error.code : String(error)),
  )

describe('what operators agree on', () => {
  it('is what three of them say, as of one block', async () => {
    const { agreement, made } = world({}, {}, {}, {})
    expect(await balance(agreement)).toBe(5n)
    expect(made[3]!.asked).toEqual([])
  })

  it('is about a block that all of them have, and not one that a single node chose', async () => {
    const { agreement } = world({ height: 11n }, { height: 10n }, { height: 900n, hash: hashOf(1_234n) })
    expect(await agreement.head()).toMatchObject({ number: 11n })
    const forged = world({ height: 10n }, { height: 9n }, { height: 10n, hash: hashOf(1_234n) })
    expect((await forged.agreement.head()).hash).not.toBe(hashOf(1_234n))
  })

  it('is about the newer block of two, so that none of them chooses an old one', async () => {
    const { agreement } = world({ height: 3n }, { height: 10n }, { away: true })
    // The node that is behind has not seen it; then there is no block of which two tell, but the old one.
    expect(await agreement.head()).toMatchObject({ number: 3n })
    const liar = world({ height: 10n, names: 3n }, { height: 10n }, { away: true })
    expect(await liar.agreement.head()).toMatchObject({ number: 10n })
  })

  it('waits for nodes that are asked too much, and does without those that go on saying so', async () => {
    expect(await balance(world({ busy: 1 }, { busy: 1 }, { busy: 1 }).agreement)).toBe(5n)
    expect(await codeOf(balance(world({ busy: 9 }, { busy: 9 }, {}).agreement))).toBe('TOO_FEW_ANSWERS')
  })

  it('is enough from two, when a third is away; a fourth takes its place', async () => {
    expect(await balance(world({}, { away: true }, {}).agreement)).toBe(5n)
    const { agreement, made } = world({ away: true }, {}, {}, {})
    expect(await balance(agreement)).toBe(5n)
    expect(made[3]!.asked.length).toBeGreaterThan(0)
  })
})

describe('when it must refuse', () => {
  it('believes no node that is alone', async () => {
    const code = await codeOf(balance(world({}, { away: true }, { away: true }).agreement))
    expect(code).toBe('TOO_FEW_ANSWERS')
  })

  it('fails at a contradiction, keeps both answers, and asks the one that is alone no more', async () => {
    const { agreement, evidence, made } = world({}, { balance: 6n }, {})
    expect(await codeOf(balance(agreement))).toBe('ANSWERS_DISAGREE')
    const [kept] = await evidence.list()
    expect([kept!.one.node, kept!.other.node]).toContain(made[1]!.node.node)
    const before = made[1]!.asked.length
    expect(await balance(agreement)).toBe(5n)
    expect(made[1]!.asked.length).toBe(before)
  })

  it('goes on at once if a fourth node makes it three against one, with the evidence kept', async () => {
    const { agreement, evidence } = world({}, { balance: 6n }, {}, {})
    expect(await balance(agreement)).toBe(5n)
    expect(await evidence.list()).toHaveLength(1)
  })

  it('does not choose between one and one', async () => {
    const { agreement, evidence } = world({}, { balance: 6n }, { away: true })
    expect(await codeOf(balance(agreement))).toBe('ANSWERS_DISAGREE')
    expect(await codeOf(balance(agreement))).toBe('ANSWERS_DISAGREE')
    expect(await evidence.list()).not.toHaveLength(0)
  })
})

describe('evidence', () => {
  it('that is damaged, or no contradiction, is left out', async () => {
    const storage = memoryStore()
    const { agreement, evidence } = world({}, { balance: 6n }, {})
    await codeOf(balance(agreement))
    const [{ one, other }] = (await evidence.list()) as [Awaited<ReturnType<typeof evidence.list>>[number]]
    const own = chainEvidence(storage)
    await own.keep({ one, other: one })
    await own.keep({ one, other: { ...other, answer: '0x' } })
    await storage.set('evidence/chain/x', '{"one":1}')
    expect(await own.list()).toEqual([])
    await own.keep({ one, other })
    expect(await own.list()).toEqual([{ one, other }])
  })
})
