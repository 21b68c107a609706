import { abis, contractsAt, type ContractAddresses } from '@teahouse/protocol/chain'
import {
  CONTENTS,
  decodeQuestion,
  NO_QUESTION,
  signAnswer,
  type ChainCalls,
} from '@teahouse/protocol/chain-relay'
import { createPublicClient, encodeFunctionResult, type Hex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { chainAgreement } from '../chain-relay/agreement.ts'
import { nodesError } from '../chain-relay/errors.ts'
import { chainEvidence } from '../chain-relay/evidence.ts'
import type { ChainNode } from '../chain-relay/nodes.ts'
import { nodesTransport } from '../chain-relay/transport.ts'
import type { Chain } from '../chain/chain.ts'
import { memoryStore } from '../storage/store.ts'
import { dealReader } from './reading.ts'
import { OFFERS, PLACE } from './testing/deals.ts'

const { deal, terms } = OFFERS[1]!
const HEAD = { number: 10n, hash: `0x${'0a'.repeat(32)}` as Hex }
const [FUNDED, CLOSED] = [2, 5]

/** An operator's node that signs that the deal is in a state. */
function saying(operatorId: number, state: number): ChainNode {
  const account = privateKeyToAccount(generatePrivateKey())
  const left = state === CLOSED ? 0n : terms.amount
  const result = { state, byPayee: false, endsAt: 0, left }
  const data = encodeFunctionResult({ abi: abis.Escrow, functionName: 'deal', result })
  const calls: Pick<ChainCalls, 'ask'> = {
    async ask(question) {
      if (question !== NO_QUESTION) expect(decodeQuestion(question).kind).toBe('call')
      const answer = question === NO_QUESTION ? '0x' : CONTENTS.call.encode({ ok: true, data })
      const block = { blockNumber: HEAD.number, blockHash: HEAD.hash, blockTime: 1_000n }
      const statement = { ...block, question, answer } as const
      const signature = await signAnswer(account, PLACE.chainId, statement)
      return { ...statement, chainId: PLACE.chainId, node: account.address, signature }
    },
  }
  return { operatorId, peerId: `peer-${operatorId}`, node: account.address, calls: calls as ChainCalls }
}

/** Reads deals over these nodes, as a client without an RPC endpoint does; with one that says so of the deal, from there. */
function readerOf(states: readonly number[], endpoint?: number) {
  const evidence = chainEvidence(memoryStore())
  const nodes = states.map((state, at) => saying(at + 1, state))
  const agreement = chainAgreement({ nodes, evidence, options: { retryMs: 1, retries: 1, freshMs: 0 } })
  const witnesses = nodesTransport(PLACE.chainId, agreement)
  const alone = chainAgreement({
    nodes: [saying(8, endpoint ?? CLOSED), saying(9, endpoint ?? CLOSED)],
    evidence,
    options: { retryMs: 1, retries: 1, freshMs: 0 },
  })
  const way = endpoint === undefined ? { witnesses, transport: witnesses } : { witnesses }
  const reader = createPublicClient({ transport: way.transport ?? nodesTransport(PLACE.chainId, alone) })
  const addresses = new Proxy({} as ContractAddresses, { get: () => PLACE.escrow })
  const contracts = contractsAt(addresses, reader)
  const read = (_: string, task: () => Promise<unknown>) => task()
  return { deals: dealReader({ contracts, reader, read, way } as unknown as Chain, 1), evidence }
}

describe('a deal that somebody says is settled, and is not', () => {
  it('is read as it is if three operators say so', async () => {
    const { deals } = readerOf([FUNDED, FUNDED, FUNDED])
    expect(await deals.viewOf(deal)).toMatchObject({ state: 'funded', left: terms.amount })
  })

  it('is not believed to be settled, whichever node lies, and the lie is kept', async () => {
    for (const liar of [0, 1, 2]) {
      const { deals, evidence } = readerOf([0, 1, 2].map((at) => (at === liar ? CLOSED : FUNDED)))
      const error: unknown = await deals.viewOf(deal).catch((cause: unknown) => cause)
      expect(nodesError(error)?.code).toBe('ANSWERS_DISAGREE')
      expect(await evidence.list()).toHaveLength(1)
    }
  })

  it('is read against the liar if three others say the same', async () => {
    const { deals } = readerOf([CLOSED, FUNDED, FUNDED, FUNDED])
    expect(await deals.viewOf(deal)).toMatchObject({ state: 'funded' })
  })

  it('is not read from a single node', async () => {
    const error: unknown = await readerOf([CLOSED])
      .deals.viewOf(deal)
      .catch((cause: unknown) => cause)
    expect(nodesError(error)?.code).toBe('TOO_FEW_ANSWERS')
  })

  it('is not believed of an RPC endpoint either, if operators say otherwise', async () => {
    const lied = readerOf([FUNDED, FUNDED, FUNDED], CLOSED)
    await expect(lied.deals.viewOf(deal)).rejects.toMatchObject({ code: 'CONTRADICTED' })
    const honest = readerOf([CLOSED, CLOSED, CLOSED], CLOSED)
    expect(await honest.deals.viewOf(deal)).toMatchObject({ state: 'closed' })
    // Operators that are away say nothing.
    expect(await readerOf([CLOSED], CLOSED).deals.viewOf(deal)).toMatchObject({ state: 'closed' })
  })
})
