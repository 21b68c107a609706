import type { DeploymentParameters } from '@nomicfoundation/ignition-core'
import { network } from 'hardhat'
import { type Address, createPublicClient, createTestClient, createWalletClient, custom } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { localChain } from '@teahouse/protocol/chain'
import teahouse from '../../../ignition/modules/teahouse.ts'
import { abis, type ContractName, contractsAt } from '../../../protocol/src/chain/index.ts'

/** Keys that mean nothing outside a simulated chain. */
const ALICE = privateKeyToAccount(`0x${'a11ce'.padStart(64, '0')}`)
const BOB = privateKeyToAccount(`0x${'b0b'.padStart(64, '0')}`)

/**
 * A simulated chain with a fresh deployment, and two people with ether, tokens and allowances. `parameters` override those
 * of the module (ignition/modules/teahouse.ts).
 */
export async function simulatedNetwork(parameters: DeploymentParameters['Teahouse'] = {}) {
  const connection = await network.create()
  const transport = custom(connection.provider, { retryCount: 0 })
  const client = createPublicClient({ chain: localChain, transport })
  const testClient = createTestClient({ chain: localChain, transport, mode: 'hardhat' })
  const deployed: Record<ContractName, { readonly address: Address }> = await connection.ignition.deploy(
    teahouse,
    { parameters: { Teahouse: parameters } },
  )
  const addresses = Object.fromEntries(
    Object.keys(abis).map((name) => [name, deployed[name as ContractName].address]),
  ) as Record<ContractName, Address>

  async function person(account: typeof ALICE) {
    await testClient.setBalance({ address: account.address, value: 10n ** 20n })
    const wallet = createWalletClient({ account, chain: localChain, transport })
    const contracts = contractsAt(addresses, { public: client, wallet })
    await contracts.Token.write.mint([account.address, 10n ** 15n])
    for (const name of [
      'MembershipRegistry',
      'OperatorStaking',
      'PaymentChannels',
      'Escrow',
      'RedEnvelope',
      'RetrievalCourt',
    ] as const) {
      await contracts.Token.write.approve([addresses[name], 2n ** 256n - 1n])
    }
    return { account, address: account.address, wallet, contracts }
  }
  return { connection, client, testClient, addresses, alice: await person(ALICE), bob: await person(BOB) }
}
