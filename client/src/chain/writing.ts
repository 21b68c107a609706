import { withGasMargin } from '@teahouse/protocol/chain'
import type { Client } from 'viem'
import {
  estimateContractGas,
  estimateFeesPerGas,
  estimateGas,
  getContractEvents,
  getTransactionCount,
  getTransactionReceipt,
  prepareTransactionRequest,
  sendRawTransaction,
  sendTransaction,
  simulateContract,
  waitForTransactionReceipt,
  writeContract,
} from 'viem/actions'

/** viem's, with room in the gas. */
async function prepareWithMargin(
  client: Client,
  args: Parameters<typeof prepareTransactionRequest>[1],
): Promise<unknown> {
  const request = await prepareTransactionRequest(client, args)
  return { ...request, gas: withGasMargin(BigInt(request.gas)) }
}

/** viem's, with room in the gas. */
async function writeWithMargin(client: Client, args: Parameters<typeof writeContract>[1]): Promise<unknown> {
  const gas = withGasMargin(
    await estimateContractGas(client, args as Parameters<typeof estimateContractGas>[1]),
  )
  return await writeContract(client, { ...args, gas })
}

/** What writing to the chain and looking at what was written takes: a part of its own, which a page that only talks never loads. */
export const writing = {
  estimateFeesPerGas,
  estimateGas,
  getContractEvents,
  getTransactionCount,
  getTransactionReceipt,
  prepareTransactionRequest: prepareWithMargin,
  sendRawTransaction,
  sendTransaction,
  simulateContract,
  waitForTransactionReceipt,
  writeContract: writeWithMargin,
} as const

export type Writing = typeof writing
