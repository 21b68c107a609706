import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { getAddress, type Hex } from 'viem'
import { ChainRequest, ChainResponse, decode, WireError, type ChainAnswer } from '../wire/index.ts'
import type { ActionCall } from './actions.ts'
import { badAnswer, badRequest } from './errors.ts'
import { MAX_CALL_BYTES } from './limits.ts'
import type { ChainStatement } from './statement.ts'

/** Names a block: number and hash have to belong together. */
export interface BlockName {
  readonly number: bigint
  readonly hash: Hex
}

/** One of the three. */
export type ChainCommand =
  /** A question as of a block; without one, as of the node's newest. */
  | { readonly kind: 'ask'; readonly question: Hex; readonly at: BlockName | undefined }
  /** Send this for somebody. */
  | { readonly kind: 'submit'; readonly action: ActionCall }
  /** What became of an action that was submitted. */
  | { readonly kind: 'follow'; readonly id: Hex }

/** `waiting`: taken on, not sent yet; `lost`: another transaction of the node took its place, so it may be submitted again. */
export const ACTION_STATES = ['waiting', 'sent', 'mined', 'reverted', 'lost'] as const
export type ActionState = (typeof ACTION_STATES)[number]

/** What became of an action. */
export interface ActionProgress {
  readonly id: Hex
  readonly state: ActionState
  /** Of the transaction, once it is signed. */
  readonly hash: Hex | undefined
}

export interface ChainReply {
  readonly status: number
  readonly description: string
  readonly answer?: (ChainStatement & { readonly signature: Hex }) | undefined
  readonly action?: ActionProgress | undefined
  /** What a contract refused with, ABI-encoded. */
  readonly revert?: Hex | undefined
}

const bytesOf = (hex: string): Uint8Array => hexToBytes(hex.slice(2))
const hexOf = (bytes: Uint8Array): Hex => `0x${bytesToHex(bytes)}`

export function encodeCommand(command: ChainCommand, requestId = ''): Uint8Array {
  if (command.kind === 'submit') {
    const { to, data } = command.action
    return ChainRequest.encode({ requestId, submit: { to: bytesOf(to), data: bytesOf(data) } })
  }
  if (command.kind === 'follow') return ChainRequest.encode({ requestId, follow: bytesOf(command.id) })
  const { question, at } = command
  const block = at && { blockNumber: at.number, blockHash: bytesOf(at.hash) }
  return ChainRequest.encode({ requestId, ask: { question: bytesOf(question), ...block } })
}

/** Throws ChainRelayError BAD_REQUEST, WireError MALFORMED. */
export function decodeCommand(bytes: Uint8Array): { requestId: string; command: ChainCommand } {
  const { requestId, ask, submit, follow } = decode(ChainRequest, bytes)
  if ([ask, submit, follow].filter((part) => part !== undefined).length !== 1)
    throw badRequest('exactly one thing is asked at a time')
  if (submit) {
    if (submit.to.length !== 20) throw badRequest('an address has 20 bytes')
    if (submit.data.length > MAX_CALL_BYTES) throw badRequest('the call is too long')
    const action = { to: getAddress(hexOf(submit.to)), data: hexOf(submit.data) }
    return { requestId, command: { kind: 'submit', action } }
  }
  if (follow) {
    if (follow.length !== 32) throw badRequest('the id of an action has 32 bytes')
    return { requestId, command: { kind: 'follow', id: hexOf(follow) } }
  }
  const { question, blockNumber, blockHash } = ask!
  if ((blockNumber === undefined) !== (blockHash === undefined))
    throw badRequest('a block has a number and a hash')
  if (blockHash && blockHash.length !== 32) throw badRequest('a block hash has 32 bytes')
  const at = blockHash && { number: blockNumber!, hash: hexOf(blockHash) }
  return { requestId, command: { kind: 'ask', question: hexOf(question), at } }
}

export function encodeReply(reply: ChainReply, requestId = ''): Uint8Array {
  const { status: statusCode, description: statusDesc, answer, action, revert } = reply
  return ChainResponse.encode({
    requestId,
    statusCode,
    statusDesc,
    ...(answer && { answer: encodeAnswer(answer) }),
    ...(action && {
      action: {
        id: bytesOf(action.id),
        state: ACTION_STATES.indexOf(action.state) + 1,
        ...(action.hash === undefined ? {} : { hash: bytesOf(action.hash) }),
      },
    }),
    ...(revert === undefined ? {} : { revert: bytesOf(revert) }),
  })
}

function encodeAnswer(answer: ChainStatement & { readonly signature: Hex }): ChainAnswer {
  return {
    blockNumber: answer.blockNumber,
    blockHash: bytesOf(answer.blockHash),
    blockTime: answer.blockTime,
    question: bytesOf(answer.question),
    answer: bytesOf(answer.answer),
    signature: bytesOf(answer.signature),
  }
}

/** Reads an answer; its signature is not checked. Throws ChainRelayError BAD_ANSWER. */
export function decodeReply(bytes: Uint8Array): ChainReply {
  const { statusCode: status, statusDesc = '', answer, action, revert } = read(bytes)
  return {
    status,
    description: statusDesc.slice(0, 200),
    answer: answer && readAnswer(answer),
    action: action && readProgress(action),
    revert: revert && hexOf(revert),
  }
}

function readAnswer(answer: ChainAnswer): NonNullable<ChainReply['answer']> {
  const { blockNumber, blockHash, blockTime, signature } = answer
  if (blockHash.length !== 32) throw badAnswer('a block hash has 32 bytes')
  if (signature.length !== 65) throw badAnswer('a signature has 65 bytes')
  return {
    blockNumber,
    blockHash: hexOf(blockHash),
    blockTime,
    question: hexOf(answer.question),
    answer: hexOf(answer.answer),
    signature: hexOf(signature),
  }
}

function readProgress({ id, state, hash }: NonNullable<ChainResponse['action']>): ActionProgress {
  const name = ACTION_STATES[state - 1]
  if (id.length !== 32) throw badAnswer('the id of an action has 32 bytes')
  if (name === undefined) throw badAnswer('an action is in no such state')
  if (hash && hash.length !== 32) throw badAnswer('the hash of a transaction has 32 bytes')
  return { id: hexOf(id), state: name, hash: hash && hexOf(hash) }
}

function read(bytes: Uint8Array): ChainResponse {
  try {
    return decode(ChainResponse, bytes)
  } catch (error) {
    throw error instanceof WireError ? badAnswer(error.message, error) : error
  }
}
