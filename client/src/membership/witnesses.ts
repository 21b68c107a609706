import type { MemberCalls } from '@teahouse/protocol/member'
import { MemberError } from '@teahouse/protocol/member'
import type { SignedRoots } from '@teahouse/protocol/rln'
import type { Hex } from 'viem'
import { LightViewError, type NodeFailure } from './errors.ts'

/** How many operators have to say the same. */
export const WITNESSES = 3

/** A node that can be asked about the members. */
export interface Witness {
  readonly peerId: string
  readonly operatorId: number
  readonly calls: MemberCalls
}

export interface WitnessOptions {
  /** Milliseconds between two questions to a node that has not seen the block yet, and how many there are. */
  readonly retryMs: number
  readonly retries: number
}

interface Answer {
  readonly witness: Witness
  readonly roots: SignedRoots
}

/** What three operators signed, and they themselves. */
export interface Agreement {
  readonly roots: SignedRoots
  readonly answers: readonly SignedRoots[]
  readonly witnesses: readonly Witness[]
}

/**
 * Has three operators sign what they know about one block. Candidates are asked in their order, and replaced when they
 * do not answer; one that contradicts is not. The block is the middle one of three newest, so that a single node
 * chooses neither an old block, which would set this client apart, nor one that the others don't have.
 * Throws LightViewError TOO_FEW_NODES, or ROOTS_DISAGREE with the signed answers.
 */
export async function agree(candidates: readonly Witness[], options: WitnessOptions): Promise<Agreement> {
  const failures: NodeFailure[] = []
  const waiting = distinct(candidates)
  const attempt = async (witness: Witness, blockHash?: Hex): Promise<Answer | undefined> => {
    try {
      return { witness, roots: await ask(witness, blockHash, options) }
    } catch (error) {
      failures.push({
        peerId: witness.peerId,
        reason: error instanceof Error ? error.message : String(error),
      })
      return undefined
    }
  }
  /** Asks as many candidates as are missing, until there are three answers or nobody is left. */
  async function fill(answers: readonly Answer[], blockHash?: Hex): Promise<Answer[]> {
    const found = [...answers]
    while (found.length < WITNESSES) {
      const next = waiting.splice(0, WITNESSES - found.length)
      if (next.length === 0) throw tooFew(found.length, failures)
      found.push(...(await Promise.all(next.map((one) => attempt(one, blockHash)))).filter((one) => !!one))
    }
    return found
  }

  const newest = await fill([])
  const block = middle(newest).blockHash
  const same = await Promise.all(
    newest.map(async (answer) =>
      answer.roots.blockHash === block ? answer : await attempt(answer.witness, block),
    ),
  )
  const agreed = await fill(
    same.filter((answer) => answer !== undefined),
    block,
  )
  const answers = agreed.map(({ roots }) => roots)
  if (new Set(answers.map(statement)).size > 1) {
    const text = 'Nodes signed different roots for one block: no message is proven under any of them'
    throw new LightViewError(text, { code: 'ROOTS_DISAGREE', answers })
  }
  return { roots: answers[0]!, answers, witnesses: agreed.map(({ witness }) => witness) }
}

/** One node an operator: two of the same are one voice. */
function distinct(candidates: readonly Witness[]): Witness[] {
  return candidates.filter(
    ({ operatorId }, at) => candidates.findIndex((other) => other.operatorId === operatorId) === at,
  )
}

async function ask(
  witness: Witness,
  blockHash: Hex | undefined,
  options: WitnessOptions,
): Promise<SignedRoots> {
  for (let left = options.retries; ; left--) {
    try {
      return await witness.calls.roots(blockHash)
    } catch (error) {
      const behind =
        error instanceof MemberError && error.detail.code === 'REFUSED' && error.detail.status === 404
      if (!behind || left === 0) throw error
      await new Promise((resolve) => setTimeout(resolve, options.retryMs))
    }
  }
}

function middle(answers: readonly Answer[]): SignedRoots {
  const byBlock = answers.map(({ roots }) => roots).sort((a, b) => Number(a.blockNumber - b.blockNumber))
  return byBlock[Math.floor(byBlock.length / 2)]!
}

const statement = ({ blockNumber, blockHash, roots, ledgerHash, memberCount }: SignedRoots): string =>
  [blockNumber, blockHash, roots, ledgerHash, memberCount].join().toLowerCase()

function tooFew(answered: number, failures: readonly NodeFailure[]): LightViewError {
  const reasons = failures.map(({ peerId, reason }) => `${peerId}: ${reason}`).join('; ')
  const text = `${answered} of ${WITNESSES} operators signed a root${reasons && ` (${reasons})`}`
  return new LightViewError(text, { code: 'TOO_FEW_NODES', needed: WITNESSES, answered, failures })
}
