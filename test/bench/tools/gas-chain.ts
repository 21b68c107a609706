import hre from 'hardhat'
import { abis, contractsAt, localChain } from '@teahouse/protocol/chain'
import {
  createWalletClient,
  custom,
  encodeFunctionData,
  type Abi,
  type Hash,
  type Hex,
  type TransactionReceipt,
} from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { build } from '../../../scripts/contracts/build.ts'
import { simulatedNetwork } from '../../contracts/support/simulated.ts'

/** Gas of transactions that belong together. */
export interface Flow {
  readonly steps: readonly bigint[]
  readonly total: bigint
}

export type GasChain = Awaited<ReturnType<typeof gasChain>>

/** A simulated chain in steady state: approvals given, everybody has held the token. */
export async function gasChain() {
  await build(hre)
  const network = await simulatedNetwork()
  const { client, connection, alice, bob } = network

  async function gas(sent: Promise<Hash>): Promise<bigint> {
    const { status, gasUsed }: TransactionReceipt = await client.waitForTransactionReceipt({
      hash: await sent,
    })
    if (status !== 'success') throw new Error('A transaction of the benchmark failed')
    return gasUsed
  }

  /** Sends one after another, and adds up. */
  async function flow(...sends: (() => Promise<Hash>)[]): Promise<Flow> {
    const steps: bigint[] = []
    for (const send of sends) steps.push(await gas(send()))
    return { steps, total: steps.reduce((sum, one) => sum + one, 0n) }
  }

  /** A third person, with coins and without tokens. */
  async function another() {
    const account = privateKeyToAccount(generatePrivateKey())
    await network.testClient.setBalance({ address: account.address, value: 10n ** 20n })
    const wallet = createWalletClient({ account, chain: localChain, transport: custom(connection.provider) })
    const contracts = contractsAt(network.addresses, { public: client, wallet })
    return { account, address: account.address, contracts }
  }

  const abi: Abi = abis.Escrow
  const encode = (functionName: string, args: readonly unknown[]): Hex =>
    encodeFunctionData({ abi, functionName, args })
  const now = async () => Number((await client.getBlock()).timestamp)
  const deploy = async (name: string) => (await connection.viem.deployContract(name)).address
  return { ...network, alice, bob, another, encode, flow, now, deploy, stop: () => connection.close() }
}
