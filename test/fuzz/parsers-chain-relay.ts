import { abis, type ContractAddresses } from '@teahouse/protocol/chain'
import {
  CONTENTS,
  decodeCommand,
  decodeQuestion,
  decodeReply,
  encodeCommand,
  encodeQuestion,
  encodeReply,
  readAction,
  type ActionCall,
  type ChainLog,
} from '@teahouse/protocol/chain-relay'
import { encodeFunctionData, getAddress, hexToBytes, numberToHex, toHex, type Hex } from 'viem'

const WORD = numberToHex(7, { size: 32 })
const addressOf = (at: number) => getAddress(numberToHex(at, { size: 20 }))
const PERSON = addressOf(90)
const CONTRACTS = Object.fromEntries(
  Object.keys(abis).map((name, at) => [name, addressOf(at + 1)]),
) as ContractAddresses

const QUESTIONS = [
  { kind: 'call', to: PERSON, data: '0x1234' },
  { kind: 'logs', address: PERSON, topics: [[WORD], []], fromBlock: 5n, toBlock: 9n },
  { kind: 'block', number: 5n },
  { kind: 'receipt', hash: WORD },
  { kind: 'balance', address: PERSON },
] as const

const ACTION: ActionCall = {
  to: CONTRACTS.PaymentChannels,
  data: encodeFunctionData({
    abi: abis.PaymentChannels,
    functionName: 'depositFor',
    args: [PERSON, PERSON, 5n, 1_800_000_000, '0x12'],
  }),
}
const STATEMENT = { blockNumber: 5n, blockHash: WORD, blockTime: 9n, question: '0x', answer: '0x12' } as const
const SIGNED = { ...STATEMENT, signature: `0x${'11'.repeat(65)}` } as const
const LOG: ChainLog = {
  ...{ blockNumber: 5n, blockHash: WORD, transactionHash: WORD, transactionIndex: 1, logIndex: 2 },
  topics: [WORD],
  data: '0x12',
}
const RECEIPT = {
  ...{ blockNumber: 5n, blockHash: WORD, transactionIndex: 1, from: PERSON, to: PERSON, success: true },
  gasUsed: 21_000n,
} as const

const ANSWERS: readonly (readonly [string, Hex, (answer: Hex) => unknown])[] = [
  ['a call', CONTENTS.call.encode({ ok: true, data: '0x1234' }), CONTENTS.call.decode],
  ['events', CONTENTS.logs.encode([LOG]), CONTENTS.logs.decode],
  ['a block', CONTENTS.block.encode({ hash: WORD, parentHash: WORD, timestamp: 9n }), CONTENTS.block.decode],
  ['a receipt', CONTENTS.receipt.encode(RECEIPT), CONTENTS.receipt.decode],
  ['a balance', CONTENTS.balance.encode(5n), CONTENTS.balance.decode],
]

/** What nodes and people read of each other about the chain. */
export const chainRelayParsers = [
  {
    name: 'request about the chain',
    takes: 'bytes' as const,
    good: [
      encodeCommand({ kind: 'ask', question: encodeQuestion(QUESTIONS[0]), at: { number: 5n, hash: WORD } }),
      encodeCommand({ kind: 'submit', action: ACTION }),
      encodeCommand({ kind: 'follow', id: WORD }),
    ],
    parse: decodeCommand,
  },
  {
    name: 'reply about the chain',
    takes: 'bytes' as const,
    good: [
      encodeReply({ status: 200, description: 'OK', answer: SIGNED }, 'r'),
      encodeReply({ status: 200, description: 'OK', action: { id: WORD, state: 'sent', hash: WORD } }, 'r'),
      encodeReply({ status: 409, description: 'REVERTS', revert: '0x1234' }, 'r'),
    ],
    parse: decodeReply,
  },
  {
    name: 'question about the chain',
    takes: 'bytes' as const,
    good: QUESTIONS.map((question) => hexToBytes(encodeQuestion(question))),
    parse: (bytes: Uint8Array) => decodeQuestion(toHex(bytes)),
  },
  {
    name: 'action that somebody has signed',
    takes: 'bytes' as const,
    good: [hexToBytes(ACTION.data)],
    parse: (bytes: Uint8Array) => readAction(CONTRACTS, { to: ACTION.to, data: toHex(bytes) }, addressOf(91)),
  },
  ...ANSWERS.map(([what, good, decode]) => ({
    name: `answer of the chain: ${what}`,
    takes: 'bytes' as const,
    good: [hexToBytes(good)],
    parse: (bytes: Uint8Array) => decode(toHex(bytes)),
  })),
]
