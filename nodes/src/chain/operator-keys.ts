import { isAddressEqual, zeroAddress, type Address, type PublicClient } from 'viem'
import { abis, chainError } from '@teahouse/protocol/chain'
import { NodeChainError } from './errors.ts'

/** The payee of an operator. @throws NodeChainError UNKNOWN_OPERATOR, or WRONG_NODE_KEY unless `node` is its node key; ChainError. */
export async function payeeOf(
  client: PublicClient,
  staking: Address,
  operatorId: number,
  node: Address,
): Promise<Address> {
  const args = [operatorId] as const
  const operator = await client
    .readContract({
      address: staking,
      abi: abis.OperatorStaking,
      functionName: 'operator',
      args,
    })
    .catch((cause: unknown) => {
      throw chainError(cause)
    })
  if (operator.owner === zeroAddress) {
    const message = `There is no operator ${operatorId} on this chain. Correct "operatorId", or create the operator first.`
    throw new NodeChainError(message, { code: 'UNKNOWN_OPERATOR', operatorId })
  }
  if (!isAddressEqual(operator.node, node)) {
    const detail = { code: 'WRONG_NODE_KEY', operatorId, expected: operator.node, actual: node } as const
    throw new NodeChainError(
      `Operator ${operatorId} names the node key ${operator.node}; "keyFile" holds ${node}`,
      detail,
    )
  }
  return operator.payee
}
