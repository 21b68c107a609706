import type { HardhatRuntimeEnvironment } from 'hardhat/types/hre'
import { type Address, getAddress, type Hex, numberToHex } from 'viem'
import type { DeployedContract, DeploymentRecord } from '@teahouse/protocol/chain/deployments'
import { creationInput } from '../deploy/code.ts'
import { everyContract } from '../deploy/record.ts'

/** What comes of making a contract again. */
export type Replayed = { readonly code: Hex } | { readonly refused: string }

const PLENTY = numberToHex(10n ** 24n)

/**
 * Makes every contract of a record again, on a simulated chain of the same id, from the same accounts with the same
 * nonces. So each gets the address that it has, and its immutables what they must be, those that hold its own address
 * included. What a record does not say how to make is put there as `codeOf` gives it.
 */
export async function replay(
  hre: HardhatRuntimeEnvironment,
  record: DeploymentRecord,
  codeOf: (address: Address) => Promise<Hex>,
): Promise<Map<Address, Replayed>> {
  const connection = await hre.network.create({
    network: 'default',
    override: { chainId: record.chainId },
  })
  const request = (method: string, params: unknown[]): Promise<unknown> =>
    connection.provider.request({ method, params })
  const made = new Map<Address, Replayed>()

  async function make({ source, address, created }: DeployedContract): Promise<Replayed> {
    if (!created) {
      const code = await codeOf(address)
      await request('hardhat_setCode', [address, code])
      return { code }
    }
    const { deployer: from, nonce, args, libraries } = created
    const data = creationInput(await hre.artifacts.readArtifact(source), args, libraries)
    await request('hardhat_setBalance', [from, PLENTY])
    await request('hardhat_impersonateAccount', [from])
    await request('hardhat_setNonce', [from, numberToHex(nonce)])
    const hash = await request('eth_sendTransaction', [{ from, data }])
    const receipt = (await request('eth_getTransactionReceipt', [hash])) as { contractAddress: Address }
    const at = getAddress(receipt.contractAddress)
    if (at !== address) return { refused: `account ${from} with nonce ${nonce} makes ${at}` }
    return { code: (await request('eth_getCode', [address, 'latest'])) as Hex }
  }

  try {
    for (const contract of inOrder(record)) {
      const outcome = await make(contract).catch((error: unknown) => {
        return { refused: error instanceof Error ? error.message.split('\n')[0]! : String(error) }
      })
      made.set(contract.address, outcome)
    }
    return made
  } finally {
    await connection.close()
  }
}

/** What was there before first, then as it was made. */
function inOrder(record: DeploymentRecord): DeployedContract[] {
  const when = ({ created }: DeployedContract) => created ?? { block: -1, nonce: -1 }
  return everyContract(record).sort((a, b) => when(a).block - when(b).block || when(a).nonce - when(b).nonce)
}
