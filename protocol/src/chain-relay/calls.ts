import type { Address, Hex } from 'viem'
import type { ActionCall } from './actions.ts'
import { badAnswer, ChainRelayError } from './errors.ts'
import { CHAIN_STATUS, MAX_CHAIN_ANSWER_BYTES } from './limits.ts'
import {
  type ActionProgress,
  type BlockName,
  type ChainCommand,
  type ChainReply,
  decodeReply,
  encodeCommand,
} from './messages.ts'
import { type SignedChainAnswer, verifyAnswer } from './statement.ts'

/** Sends one frame to a node and gives the one frame of its answer. */
export type ChainExchange = (
  request: Uint8Array,
  limits: { readonly maxBytes: number },
) => Promise<Uint8Array>

/** One node's answers on /teahouse/chain/1, checked as far as one node's word can be. All throw ChainRelayError. */
export interface ChainCalls {
  /** A signed answer to the encoded question (none: the block alone) as of a block, or of the node's newest. */
  ask(question: Hex, at?: BlockName): Promise<SignedChainAnswer>
  submit(action: ActionCall): Promise<ActionProgress>
  /** REFUSED with status 404 if the node does not know the action. */
  follow(id: Hex): Promise<ActionProgress>
}

/** Speaks the protocol over `exchange` with the node whose key has the address `node`. */
export function chainCalls(exchange: ChainExchange, node: Address, chainId: number): ChainCalls {
  async function call(command: ChainCommand): Promise<ChainReply> {
    const reply = decodeReply(await exchange(encodeCommand(command), { maxBytes: MAX_CHAIN_ANSWER_BYTES }))
    const { status, description, revert } = reply
    if (status === CHAIN_STATUS.ok) return reply
    const detail = { code: 'REFUSED', status, description, ...(revert && { revert }) } as const
    throw new ChainRelayError(`The node refused (${status}): ${description}`, detail)
  }

  async function progress(command: ChainCommand): Promise<ActionProgress> {
    const { action } = await call(command)
    if (!action) throw badAnswer('it says nothing of an action')
    if (command.kind === 'follow' && action.id !== command.id) throw badAnswer('it is about another action')
    return action
  }

  return {
    async ask(question, at) {
      const { answer } = await call({ kind: 'ask', question, at })
      if (!answer) throw badAnswer('it has none')
      if (answer.question !== question) throw badAnswer('it is about another question')
      if (at && (answer.blockHash !== at.hash || answer.blockNumber !== at.number))
        throw badAnswer('it is about another block')
      const signed = { ...answer, chainId, node }
      await verifyAnswer(signed)
      return signed
    },
    submit: (action) => progress({ kind: 'submit', action }),
    follow: (id) => progress({ kind: 'follow', id }),
  }
}
