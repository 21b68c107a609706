import {
  estimateFeesPerGas,
  estimateGas,
  getContractEvents,
  getTransactionCount,
  getTransactionReceipt,
  sendTransaction,
  simulateContract,
  waitForTransactionReceipt,
  writeContract,
} from 'viem/actions'

/** What writing to the chain and looking at what was written takes: a part of its own, which a page that only talks never loads. */
export const writing = {
  estimateFeesPerGas,
  estimateGas,
  getContractEvents,
  getTransactionCount,
  getTransactionReceipt,
  sendTransaction,
  simulateContract,
  waitForTransactionReceipt,
  writeContract,
} as const

export type Writing = typeof writing
