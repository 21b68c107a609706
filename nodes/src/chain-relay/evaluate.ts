import { type Address, type Hex, isAddressEqual, numberToHex, type PublicClient, zeroAddress } from 'viem'
import { revertData } from '@teahouse/protocol/chain'
import {
  CHAIN_STATUS as STATUS,
  type ChainLog,
  type ChainQuestion,
  CONTENTS,
  MAX_LOGS,
} from '@teahouse/protocol/chain-relay'
import { blockRef } from '../chain/blocks.ts'
import { Refusal } from '../net/index.ts'

export interface EvaluateDeps {
  readonly client: PublicClient
  /** The contracts that are asked about. */
  readonly contracts: readonly Address[]
  /** Blocks that one request to the chain spans. */
  readonly blockRange: number
  /** Requests that one question may take. */
  readonly logRequests: number
}

/** Requests to the chain that a question takes, when one spans `blockRange` blocks. */
export function requestsOf(question: ChainQuestion, blockRange: number): number {
  if (question.kind !== 'logs') return 1
  const { fromBlock, toBlock } = question
  return fromBlock > toBlock ? 1 : Math.ceil(Number(toBlock - fromBlock + 1n) / blockRange)
}

/** Finds what the chain says of a question as of the block `number`. Throws Refusal, and what viem throws. */
export function evaluator({ client, contracts, blockRange, logRequests }: EvaluateDeps) {
  function requireKnown(address: Address): void {
    if (contracts.some((contract) => isAddressEqual(contract, address))) return
    throw bad('it is about no contract of the network')
  }

  async function call(to: Address, data: Hex, number: bigint): Promise<Hex> {
    requireKnown(to)
    try {
      const result = await client.request({ method: 'eth_call', params: [{ to, data }, numberToHex(number)] })
      return CONTENTS.call.encode({ ok: true, data: result })
    } catch (error) {
      const reverted = revertData(error)
      if (reverted === undefined) throw error
      return CONTENTS.call.encode({ ok: false, data: reverted })
    }
  }

  async function logs(question: ChainQuestion & { kind: 'logs' }, number: bigint): Promise<Hex> {
    const { address, topics, fromBlock, toBlock } = question
    requireKnown(address)
    if (toBlock > number) throw bad('the blocks are newer than the one that is asked of')
    if (requestsOf(question, blockRange) > logRequests) throw tooLarge(logRequests * blockRange)
    const found: ChainLog[] = []
    const wanted = topics.map((alternatives) => (alternatives.length === 0 ? null : [...alternatives]))
    for (let from = fromBlock; from <= toBlock; from += BigInt(blockRange)) {
      const end = from + BigInt(blockRange) - 1n
      const range = { fromBlock: numberToHex(from), toBlock: numberToHex(end < toBlock ? end : toBlock) }
      const filter = { address, topics: wanted, ...range }
      const part = await client.request({ method: 'eth_getLogs', params: [filter] })
      if (found.length + part.length > MAX_LOGS) throw tooLarge()
      for (const log of part) {
        found.push({
          blockNumber: BigInt(log.blockNumber!),
          blockHash: log.blockHash!,
          transactionHash: log.transactionHash!,
          transactionIndex: Number(log.transactionIndex!),
          logIndex: Number(log.logIndex!),
          topics: log.topics,
          data: log.data,
        })
      }
    }
    return CONTENTS.logs.encode(found)
  }

  async function block(wanted: bigint, number: bigint): Promise<Hex> {
    const found = wanted > number ? undefined : await blockRef(client, wanted)
    if (!found) throw new Refusal(STATUS.notFound, 'NOT_FOUND: there is no such block')
    const { hash, parentHash, timestamp } = found
    return CONTENTS.block.encode({ hash, parentHash, timestamp: BigInt(timestamp) })
  }

  async function receipt(hash: Hex, number: bigint): Promise<Hex> {
    const found = await client.request({ method: 'eth_getTransactionReceipt', params: [hash] })
    const blockNumber = found && BigInt(found.blockNumber)
    if (!found || blockNumber === null || blockNumber > number) return CONTENTS.receipt.encode(undefined)
    const holds = (await blockRef(client, blockNumber))?.hash === found.blockHash
    if (!holds) return CONTENTS.receipt.encode(undefined)
    return CONTENTS.receipt.encode({
      blockNumber,
      blockHash: found.blockHash,
      transactionIndex: Number(found.transactionIndex),
      from: found.from,
      to: found.to ?? zeroAddress,
      success: found.status === '0x1',
      gasUsed: BigInt(found.gasUsed),
    })
  }

  async function balance(address: Address, number: bigint): Promise<Hex> {
    const params: [Address, Hex] = [address, numberToHex(number)]
    return CONTENTS.balance.encode(BigInt(await client.request({ method: 'eth_getBalance', params })))
  }

  return (question: ChainQuestion, number: bigint): Promise<Hex> => {
    switch (question.kind) {
      case 'call':
        return call(question.to, question.data, number)
      case 'logs':
        return logs(question, number)
      case 'block':
        return block(question.number, number)
      case 'receipt':
        return receipt(question.hash, number)
      case 'balance':
        return balance(question.address, number)
    }
  }
}

const bad = (what: string) => new Refusal(STATUS.badRequest, `BAD_REQUEST: ${what}`)
export const tooLarge = (blocks?: number) =>
  new Refusal(
    STATUS.tooLarge,
    `TOO_LARGE: ask for ${blocks === undefined ? 'fewer' : `at most ${blocks}`} blocks`,
  )
