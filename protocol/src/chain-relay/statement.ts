import { type Address, type Hex, isAddressEqual, type LocalAccount } from 'viem'
import { recoverTypedDataAddress } from '../keys.ts'
import { ChainRelayError } from './errors.ts'

/** A node's word on the chain as of one block. */
export interface ChainStatement {
  readonly blockNumber: bigint
  readonly blockHash: Hex
  /** Unix seconds. */
  readonly blockTime: bigint
  /** As `encodeQuestion` writes it; empty for the block alone. */
  readonly question: Hex
  /** As CONTENTS write it; empty for the block alone. */
  readonly answer: Hex
}

/** A signed word, kept whole: see `contradicts`. */
export interface SignedChainAnswer extends ChainStatement {
  readonly chainId: number
  /** Whose key signed. */
  readonly node: Address
  readonly signature: Hex
}

const TYPES = {
  ChainAnswer: [
    { name: 'blockNumber', type: 'uint64' },
    { name: 'blockHash', type: 'bytes32' },
    { name: 'blockTime', type: 'uint64' },
    { name: 'question', type: 'bytes' },
    { name: 'answer', type: 'bytes' },
  ],
} as const

/** What a node key signs: EIP-712 in a domain of the chain. The question names the contract. */
export function answerTypedData(chainId: number, statement: ChainStatement) {
  const { blockNumber, blockHash, blockTime, question, answer } = statement
  return {
    domain: { name: 'Teahouse Chain', version: '1', chainId },
    types: TYPES,
    primaryType: 'ChainAnswer',
    message: { blockNumber, blockHash, blockTime, question, answer },
  } as const
}

/** Signs with the node key: 65 bytes r ‖ s ‖ v. */
export function signAnswer(account: LocalAccount, chainId: number, statement: ChainStatement): Promise<Hex> {
  return account.signTypedData(answerTypedData(chainId, statement))
}

/** Checks that `node` signed an answer. Throws ChainRelayError BAD_SIGNATURE, WRONG_SIGNER. */
export async function verifyAnswer(answer: SignedChainAnswer): Promise<void> {
  const { chainId, node: expected, signature } = answer
  const typed = answerTypedData(chainId, answer)
  const signer = await recoverTypedDataAddress({ ...typed, signature }).catch((cause: unknown) => {
    throw new ChainRelayError('No key made this signature', { code: 'BAD_SIGNATURE' }, { cause })
  })
  if (isAddressEqual(signer, expected)) return
  const message = `The answer is signed by ${signer}, not by ${expected}`
  throw new ChainRelayError(message, { code: 'WRONG_SIGNER', signer, expected })
}

/**
 * Whether two answers can't both be true: what the chain says of a question as of one block hash is one thing. Which of the two nodes lied,
 * everybody who has the chain can find out, whenever.
 */
export function contradicts(one: SignedChainAnswer, other: SignedChainAnswer): boolean {
  const isSameQuestion =
    one.chainId === other.chainId && one.blockHash === other.blockHash && one.question === other.question
  const isSameAnswer =
    one.answer === other.answer && one.blockNumber === other.blockNumber && one.blockTime === other.blockTime
  return isSameQuestion && !isSameAnswer
}
