import {
  CHAIN_STATUS,
  ChainRelayError,
  CONTENTS,
  contradicts,
  encodeQuestion,
  NO_QUESTION,
  type BlockName,
  type ChainQuestion,
  type SignedChainAnswer,
} from '@teahouse/protocol/chain-relay'
import type { Hex } from 'viem'
import type { NodeFailure } from '../membership/errors.ts'
import { sleep } from '../sleep.ts'
import { ChainNodesError } from './errors.ts'
import type { Evidence } from './evidence.ts'
import { isToWait, refusedWith } from './node-refusal.ts'
import type { ChainNode } from './nodes.ts'

/** A block that operators agree on; `timestamp` in unix seconds. */
export interface AgreedBlock extends BlockName {
  readonly timestamp: bigint
}

export interface AgreementOptions {
  /** How many blocks below the newest one the chain is read. */
  readonly depth: number
  /** Milliseconds between two questions to a node that has not seen the block yet, and how many there are. */
  readonly retryMs: number
  readonly retries: number
  /** Milliseconds that a node is left alone which says that it is asked too much. */
  readonly waitMs: number
  /** Milliseconds for which a block counts as the newest. */
  readonly freshMs: number
}

export interface AgreementDeps {
  readonly nodes: readonly ChainNode[]
  readonly evidence: Pick<Evidence, 'keep'>
  readonly options?: Partial<AgreementOptions>
}

/** How many operators are asked, and how many have to answer the same when others are silent. */
const ASKED = 3
const NEEDED = 2
const OPTIONS: AgreementOptions = { depth: 0, retryMs: 250, retries: 8, waitMs: 1_000, freshMs: 400 }

interface Given {
  readonly node: ChainNode
  readonly answer: SignedChainAnswer
}

interface Failed extends NodeFailure {
  readonly error: unknown
}

export type ChainAgreement = ReturnType<typeof chainAgreement>

/**
 * What three operators say of the chain, as of one block that all of them have. All that answer have to agree, and at least two
 * have to answer. If one contradicts, three equal answers are needed; both sides are kept as evidence, and whoever was
 * alone with its answer is not asked again by this client.
 */
export function chainAgreement({ nodes, evidence, options = {} }: AgreementDeps) {
  const { depth, retryMs, retries, waitMs, freshMs } = { ...OPTIONS, ...options }
  const accused = new Set<string>()
  /** Those that failed last are asked last. */
  let order = [...nodes]
  let newest: { readonly block: AgreedBlock; readonly at: number } | undefined
  let finding: Promise<AgreedBlock> | undefined

  async function attempt(
    node: ChainNode,
    question: Hex,
    at: BlockName | undefined,
    failures: Failed[],
  ): Promise<Given | undefined> {
    for (let left = retries; ; left--) {
      try {
        return { node, answer: await node.calls.ask(question, at) }
      } catch (error) {
        if (left > 0 && ((at && isBehind(error)) || isToWait(error))) {
          await sleep(isToWait(error) ? waitMs : retryMs)
          continue
        }
        const reason = error instanceof Error ? error.message : String(error)
        failures.push({ peerId: node.peerId, reason, error })
        if (!isTooLarge(error)) order = [...order.filter((one) => one !== node), node]
        return undefined
      }
    }
  }

  /** As many answers as there should be; those that `given` has already are among them. */
  async function collect(question: Hex, at: BlockName | undefined, given: readonly Given[] = []) {
    const failures: Failed[] = []
    const found = [...given]
    const waiting = order.filter(
      (node) => !accused.has(node.peerId) && !given.some((one) => one.node === node),
    )
    while (found.length < ASKED && waiting.length > 0) {
      const next = waiting.splice(0, ASKED - found.length)
      const more = await Promise.all(next.map((node) => attempt(node, question, at, failures)))
      found.push(...more.filter((one) => one !== undefined))
    }
    if (found.length < NEEDED) {
      for (const { error } of failures) if (error instanceof ChainRelayError && isTooLarge(error)) throw error
      throw tooFew(failures)
    }
    return { found, waiting, failures }
  }

  /** Throws ANSWERS_DISAGREE unless so many more agree that the one that doesn't is alone. */
  async function settle(question: Hex, at: BlockName, { found, waiting, failures }: Collected): Promise<Hex> {
    const groups = groupsOf(found)
    if (groups.length === 1) return found[0]!.answer.answer
    const contradictions = groups.slice(1).map(([first]) => ({
      one: groups[0]![0]!.answer,
      other: first!.answer,
    }))
    for (const one of contradictions) await evidence.keep(one)
    const more = await Promise.all(waiting.map((node) => attempt(node, question, at, failures)))
    const [largest, ...others] = groupsOf([...found, ...more.filter((one) => one !== undefined)])
    const isMajority = largest!.length > others.flat().length
    if (isMajority) for (const { node } of others.flat()) accused.add(node.peerId)
    if (isMajority && largest!.length >= ASKED) return largest![0]!.answer.answer
    const names = others.flat().map(({ node }) => `operator ${node.operatorId}`)
    const text = `Nodes signed different answers about the chain${isMajority ? `: ${names.join(', ')} against the others` : ''}`
    throw new ChainNodesError(text, { code: 'ANSWERS_DISAGREE', evidence: contradictions[0]! })
  }

  async function agreeOn(question: Hex, at: BlockName, given: readonly Given[] = []): Promise<Hex> {
    return await settle(question, at, await collect(question, at, given))
  }

  /** The middle one of three newest, the newer of two, so that no single node chooses an old block, or one that the others don't have. */
  async function findNewest(): Promise<AgreedBlock> {
    const { found } = await collect(NO_QUESTION, undefined)
    const sorted = [...found].sort((a, b) => descending(a.answer.blockNumber, b.answer.blockNumber))
    const middle = sorted[(sorted.length - 1) >> 1]!
    let failure: unknown
    for (const { answer } of [middle, ...sorted.filter((one) => one !== middle)]) {
      const { blockNumber: number, blockHash: hash, blockTime: timestamp } = answer
      const same = found.filter((one) => one.answer.blockHash === hash && one.answer.blockNumber === number)
      try {
        await agreeOn(NO_QUESTION, { number, hash }, same)
        return await below({ number, hash, timestamp })
      } catch (error) {
        if (!isTooFew(error)) throw error
        failure = error
      }
    }
    throw failure
  }

  async function below(block: AgreedBlock): Promise<AgreedBlock> {
    if (depth === 0 || block.number === 0n) return block
    const number = block.number > BigInt(depth) ? block.number - BigInt(depth) : 0n
    return await headerOf(number, block)
  }

  async function headerOf(number: bigint, at: BlockName): Promise<AgreedBlock> {
    const answer = await agreeOn(encodeQuestion({ kind: 'block', number }), at)
    const { hash, timestamp } = CONTENTS.block.decode(answer)
    return { number, hash, timestamp }
  }

  /** Never an older one than before: what has been seen is not unseen. */
  async function refresh(): Promise<AgreedBlock> {
    const found = await findNewest()
    const block = newest && newest.block.number > found.number ? newest.block : found
    newest = { block, at: Date.now() }
    return block
  }

  function head(): Promise<AgreedBlock> {
    if (newest && Date.now() - newest.at < freshMs) return Promise.resolve(newest.block)
    finding ??= refresh().finally(() => (finding = undefined))
    return finding
  }

  return {
    /** The newest block that counts. Throws ChainNodesError TOO_FEW_ANSWERS, ANSWERS_DISAGREE. */
    head,
    /** A block at or below the newest. Throws like `head`. */
    async block(number: bigint): Promise<AgreedBlock> {
      const at = await head()
      return number === at.number ? at : await headerOf(number, at)
    },
    /**
     * The answer to a question as of a block, the newest without one, in its encoding. Throws like `head`; ChainRelayError REFUSED with
     * status 413 if the answer would be too large.
     */
    async ask(question: ChainQuestion, at?: BlockName): Promise<Hex> {
      const block = at ?? (await head())
      try {
        return await agreeOn(encodeQuestion(question), block)
      } catch (error) {
        if (isTooFew(error)) newest = undefined // the chain may have replaced it
        throw error
      }
    },
  }
}

type Collected = {
  readonly found: readonly Given[]
  readonly waiting: readonly ChainNode[]
  readonly failures: Failed[]
}

const descending = (a: bigint, b: bigint): number => (a === b ? 0 : a < b ? 1 : -1)

/** The largest group first. */
function groupsOf(found: readonly Given[]): Given[][] {
  const groups: Given[][] = []
  for (const one of found) {
    const group = groups.find(([first]) => !contradicts(first!.answer, one.answer))
    if (group) group.push(one)
    else groups.push([one])
  }
  return groups.sort((a, b) => b.length - a.length)
}

const isBehind = (error: unknown): boolean => refusedWith(error, CHAIN_STATUS.notFound)
/** Whether it is so for every node: the answer does not fit a frame. */
export const isTooLarge = (error: unknown): boolean => refusedWith(error, CHAIN_STATUS.tooLarge)
const isTooFew = (error: unknown): boolean =>
  error instanceof ChainNodesError && error.code === 'TOO_FEW_ANSWERS'

function tooFew(failed: readonly Failed[]): ChainNodesError {
  const failures = failed.map(({ peerId, reason }) => ({ peerId, reason }))
  const why = failures.map(({ peerId, reason }) => `\n  ${peerId}: ${reason}`).join('')
  const detail = { code: 'TOO_FEW_ANSWERS', needed: NEEDED, failures } as const
  return new ChainNodesError(`Fewer than ${NEEDED} operators answered about the chain${why}`, detail)
}
