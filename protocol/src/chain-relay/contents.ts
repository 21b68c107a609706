import { type Address, decodeAbiParameters, encodeAbiParameters, type Hex } from 'viem'
import { badAnswer } from './errors.ts'

/** What a call gave: its result, or what the contract refused with. */
export interface CallResult {
  readonly ok: boolean
  readonly data: Hex
}

/** A block's header, as far as anybody here needs it. `timestamp` in unix seconds. */
export interface BlockHeader {
  readonly hash: Hex
  readonly parentHash: Hex
  readonly timestamp: bigint
}

/** An event of the contract that was asked about. */
export interface ChainLog {
  readonly blockNumber: bigint
  readonly blockHash: Hex
  readonly transactionHash: Hex
  readonly transactionIndex: number
  readonly logIndex: number
  readonly topics: readonly Hex[]
  readonly data: Hex
}

/** How a transaction ended. `to` is the zero address for one that made a contract. */
export interface ChainReceipt {
  readonly blockNumber: bigint
  readonly blockHash: Hex
  readonly transactionIndex: number
  readonly from: Address
  readonly to: Address
  readonly success: boolean
  readonly gasUsed: bigint
}

const CALL = [{ type: 'bool' }, { type: 'bytes' }] as const
const BLOCK = [{ type: 'bytes32' }, { type: 'bytes32' }, { type: 'uint64' }] as const
const LOGS = [
  {
    type: 'tuple[]',
    components: [
      { name: 'blockNumber', type: 'uint64' },
      { name: 'blockHash', type: 'bytes32' },
      { name: 'transactionHash', type: 'bytes32' },
      { name: 'transactionIndex', type: 'uint32' },
      { name: 'logIndex', type: 'uint32' },
      { name: 'topics', type: 'bytes32[]' },
      { name: 'data', type: 'bytes' },
    ],
  },
] as const
/** None or one. */
const RECEIPTS = [
  {
    type: 'tuple[]',
    components: [
      { name: 'blockNumber', type: 'uint64' },
      { name: 'blockHash', type: 'bytes32' },
      { name: 'transactionIndex', type: 'uint32' },
      { name: 'from', type: 'address' },
      { name: 'to', type: 'address' },
      { name: 'success', type: 'bool' },
      { name: 'gasUsed', type: 'uint64' },
    ],
  },
] as const
const BALANCE = [{ type: 'uint256' }] as const

/** An answer as bytes, and back: one encoding each, so that two nodes that mean the same sign the same. */
interface Content<T> {
  encode(value: T): Hex
  /** Throws ChainRelayError BAD_ANSWER. */
  decode(bytes: Hex): T
}

function content<T>(encode: (value: T) => Hex, read: (bytes: Hex) => T): Content<T> {
  return {
    encode,
    decode(bytes) {
      let value: T
      let again: Hex
      try {
        value = read(bytes)
        again = encode(value) // also refuses a number that is too large for its type, which reading lets pass
      } catch (cause) {
        throw badAnswer('it is no answer to this question', cause)
      }
      if (again !== bytes) throw badAnswer('it is encoded in another way')
      return value
    },
  }
}

/** What is answered to a question, by its kind. */
export const CONTENTS = {
  call: content<CallResult>(
    ({ ok, data }) => encodeAbiParameters(CALL, [ok, data]),
    (bytes) => {
      const [ok, data] = decodeAbiParameters(CALL, bytes)
      return { ok, data }
    },
  ),
  block: content<BlockHeader>(
    ({ hash, parentHash, timestamp }) => encodeAbiParameters(BLOCK, [hash, parentHash, timestamp]),
    (bytes) => {
      const [hash, parentHash, timestamp] = decodeAbiParameters(BLOCK, bytes)
      return { hash, parentHash, timestamp }
    },
  ),
  logs: content<readonly ChainLog[]>(
    (logs) => encodeAbiParameters(LOGS, [logs]),
    (bytes) => decodeAbiParameters(LOGS, bytes)[0],
  ),
  receipt: content<ChainReceipt | undefined>(
    (receipt) => encodeAbiParameters(RECEIPTS, [receipt ? [receipt] : []]),
    (bytes) => decodeAbiParameters(RECEIPTS, bytes)[0][0],
  ),
  balance: content<bigint>(
    (balance) => encodeAbiParameters(BALANCE, [balance]),
    (bytes) => decodeAbiParameters(BALANCE, bytes)[0],
  ),
} as const
