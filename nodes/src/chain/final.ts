import { BaseError, ContractFunctionZeroDataError, type PublicClient } from 'viem'

/**
 * What `read` finds in the newest block that has so many on top of it that it is final; undefined while there is none, or no contract in it.
 * Throws what `read` and viem throw.
 */
export async function readFinal<T>(
  client: Pick<PublicClient, 'getBlockNumber'>,
  confirmations: number,
  read: (blockNumber: bigint) => Promise<T>,
): Promise<T | undefined> {
  const blockNumber = (await client.getBlockNumber({ cacheTime: 0 })) - BigInt(confirmations)
  if (blockNumber < 0n) return undefined
  try {
    return await read(blockNumber)
  } catch (err) {
    if (err instanceof BaseError && err.walk((inner) => inner instanceof ContractFunctionZeroDataError))
      return undefined
    throw err
  }
}
