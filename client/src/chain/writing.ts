import {
  estimateFeesPerGas,
  estimateGas,
  getTransactionCount,
  sendTransaction,
  simulateContract,
  waitForTransactionReceipt,
  writeContract,
} from 'viem/actions'

/** What writing to the chain takes: a part of its own, which a page that only talks never loads. */
export const writing = {
  estimateFeesPerGas,
  estimateGas,
  getTransactionCount,
  sendTransaction,
  simulateContract,
  waitForTransactionReceipt,
  writeContract,
} as const

export type Writing = typeof writing
