import {
  type Address,
  concatHex,
  decodeAbiParameters,
  encodeAbiParameters,
  type Hex,
  size,
  slice,
} from 'viem'
import { badRequest } from './errors.ts'
import { MAX_ALTERNATIVES, MAX_CALL_BYTES, MAX_LOG_BLOCKS, MAX_TOPICS } from './limits.ts'

/**
 * What may be asked of the chain as of one block. `topics`: alternatives for each topic of an event; none for any.
 * `receipt` and `block` count only what lies at or below the block that the question is asked of.
 */
export type ChainQuestion =
  | { readonly kind: 'call'; readonly to: Address; readonly data: Hex }
  | {
      readonly kind: 'logs'
      readonly address: Address
      readonly topics: readonly (readonly Hex[])[]
      readonly fromBlock: bigint
      readonly toBlock: bigint
    }
  | { readonly kind: 'block'; readonly number: bigint }
  | { readonly kind: 'receipt'; readonly hash: Hex }
  | { readonly kind: 'balance'; readonly address: Address }

export type QuestionKind = ChainQuestion['kind']

/** The question about the newest block itself: nothing. */
export const NO_QUESTION: Hex = '0x'

const CALL = [{ type: 'address' }, { type: 'bytes' }] as const
const LOGS = [{ type: 'address' }, { type: 'bytes32[][]' }, { type: 'uint64' }, { type: 'uint64' }] as const
const BLOCK = [{ type: 'uint64' }] as const
const RECEIPT = [{ type: 'bytes32' }] as const
const BALANCE = [{ type: 'address' }] as const

/** A question has one encoding: a byte for its kind, then its fields by Solidity's ABI. What is signed holds these bytes. */
export function encodeQuestion(question: ChainQuestion): Hex {
  switch (question.kind) {
    case 'call':
      return concatHex(['0x01', encodeAbiParameters(CALL, [question.to, question.data])])
    case 'logs': {
      const { address, topics, fromBlock, toBlock } = question
      return concatHex(['0x02', encodeAbiParameters(LOGS, [address, topics, fromBlock, toBlock])])
    }
    case 'block':
      return concatHex(['0x03', encodeAbiParameters(BLOCK, [question.number])])
    case 'receipt':
      return concatHex(['0x04', encodeAbiParameters(RECEIPT, [question.hash])])
    case 'balance':
      return concatHex(['0x05', encodeAbiParameters(BALANCE, [question.address])])
  }
}

/** Reads the one encoding of a question, within its bounds. Throws ChainRelayError BAD_REQUEST. */
export function decodeQuestion(bytes: Hex): ChainQuestion {
  const question = read(bytes)
  if (again(question) !== bytes) throw badRequest('the question is encoded in another way')
  const problem = problemOf(question)
  if (problem !== undefined) throw badRequest(problem)
  return question
}

/** Reading lets numbers pass that are too large for their type; writing does not. */
function again(question: ChainQuestion): Hex {
  try {
    return encodeQuestion(question)
  } catch (cause) {
    throw badRequest('a number of it is too large', cause)
  }
}

function read(bytes: Hex): ChainQuestion {
  try {
    const [kind, body] = [slice(bytes, 0, 1), slice(bytes, 1)]
    if (kind === '0x01') {
      const [to, data] = decodeAbiParameters(CALL, body)
      return { kind: 'call', to, data }
    }
    if (kind === '0x02') {
      const [address, topics, fromBlock, toBlock] = decodeAbiParameters(LOGS, body)
      return { kind: 'logs', address, topics, fromBlock, toBlock }
    }
    if (kind === '0x03') return { kind: 'block', number: decodeAbiParameters(BLOCK, body)[0] }
    if (kind === '0x04') return { kind: 'receipt', hash: decodeAbiParameters(RECEIPT, body)[0] }
    if (kind === '0x05') return { kind: 'balance', address: decodeAbiParameters(BALANCE, body)[0] }
  } catch (cause) {
    throw badRequest('it is no question', cause)
  }
  throw badRequest('there is no such question')
}

function problemOf(question: ChainQuestion): string | undefined {
  if (question.kind === 'call' && size(question.data) > MAX_CALL_BYTES) return 'the call is too long'
  if (question.kind !== 'logs') return undefined
  const { topics, fromBlock, toBlock } = question
  if (topics.length > MAX_TOPICS) return `an event has at most ${MAX_TOPICS} topics`
  if (topics.some((one) => one.length > MAX_ALTERNATIVES)) return 'too many alternatives for a topic'
  if (fromBlock > toBlock) return 'the blocks end before they begin'
  if (toBlock - fromBlock >= MAX_LOG_BLOCKS) return `more than ${MAX_LOG_BLOCKS} blocks`
  return undefined
}
