import { parseTransaction, type Chain, type Hex, type LocalAccount, type PublicClient } from 'viem'

/** Percent of the fees before: nodes take a replacement that offers at least 10 % more. */
const RAISED = 125n

/**
 * The same transaction, signed again with the same nonce and higher fees: those of now, and at least a quarter more than before. Of the two one is
 * mined at most. Throws what the client throws.
 */
export async function replacement(
  raw: Hex,
  {
    account,
    chain,
    client,
  }: {
    readonly account: LocalAccount
    readonly chain: Chain
    readonly client: Pick<PublicClient, 'estimateFeesPerGas'>
  },
): Promise<Hex> {
  const { to, data, nonce, gas, value, maxFeePerGas = 0n, maxPriorityFeePerGas = 0n } = parseTransaction(raw)
  const now = await client.estimateFeesPerGas()
  return account.signTransaction({
    type: 'eip1559',
    chainId: chain.id,
    ...{ to, data, nonce, gas, value },
    maxFeePerGas: max(now.maxFeePerGas, raised(maxFeePerGas)),
    maxPriorityFeePerGas: max(now.maxPriorityFeePerGas, raised(maxPriorityFeePerGas)),
  })
}

const raised = (fee: bigint): bigint => (fee * RAISED) / 100n + 1n
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b)
