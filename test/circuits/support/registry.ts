import { createHardhatRuntimeEnvironment } from 'hardhat/hre'
import { abis, contractsAt, membershipChange, type ContractName } from '@teahouse/protocol/chain'
import { membershipLedger, type MembershipLedger } from '@teahouse/protocol/rln'
import type { Address, Hex } from 'viem'
import config from '../../../hardhat.config.ts'
import teahouse from '../../../ignition/modules/teahouse.ts'
import { build } from '../../../scripts/contracts/build.ts'

const ROOT = new URL('../../..', import.meta.url).pathname
const PLENTY = 10n ** 18n

/** The compiled contracts on a chain in this process, its clock in the test's hands. */
export type Chain = Awaited<ReturnType<typeof startChain>>

/** Deploys the real contracts as `npm start` does, and gives the first account tokens to register with. */
export async function startChain() {
  const hre = await createHardhatRuntimeEnvironment(config, {}, ROOT)
  await build(hre)
  const connection = await hre.network.create({
    network: 'node',
    override: { mining: { auto: true, interval: 0 } },
  })
  const deployed: Record<ContractName, { readonly address: Address }> =
    await connection.ignition.deploy(teahouse)
  const names = Object.keys(abis) as ContractName[]
  const addresses = Object.fromEntries(names.map((name) => [name, deployed[name].address])) as Record<
    ContractName,
    Address
  >
  const client = await connection.viem.getPublicClient()
  const [wallet, other] = await connection.viem.getWalletClients()
  const contracts = contractsAt(addresses, { public: client, wallet: wallet! })
  const holder = wallet!.account.address
  await contracts.Token.write.mint([holder, PLENTY])
  await contracts.Token.write.approve([addresses.MembershipRegistry, PLENTY])
  const registry = contracts.MembershipRegistry
  return {
    connection,
    client,
    registry,
    address: addresses.MembershipRegistry,
    holder,
    other: other!.account.address,
    PLENTY,
  }
}

/** Everything that the registry's events tell up to the newest block, as a node reads it. */
export async function readLedger({ client, registry, address }: Chain): Promise<MembershipLedger> {
  const [graceSeconds, rootWindowSeconds] = await Promise.all([
    registry.read.grace(),
    registry.read.rootWindow(),
  ])
  const ledger = membershipLedger({ graceSeconds, rootWindowSeconds })
  const logs = await client.getLogs({ address, fromBlock: 0n, toBlock: 'latest' })
  for (const log of logs) {
    const change = membershipChange(log)
    if (!change) continue
    const { number, timestamp } = await client.getBlock({ blockNumber: log.blockNumber })
    ledger.apply(change, { number, timestamp: Number(timestamp) })
  }
  const { number, timestamp } = await client.getBlock()
  ledger.advance({ number, timestamp: Number(timestamp) })
  return ledger
}

/** A secret for each member in turn. */
export const secretOf = (index: number): bigint => BigInt(index) * 1_000_003n + 17n
export const SALT: Hex = `0x${'5a'.repeat(32)}`
