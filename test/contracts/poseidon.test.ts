import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { artifacts, network } from 'hardhat'
import { poseidon1 } from 'poseidon-lite'
import { type Abi, createPublicClient, createWalletClient, custom } from 'viem'
import { localChain } from '@teahouse/protocol/chain'
import { FIELD } from '../../protocol/src/rln/index.ts'

describe('Poseidon of one input', () => {
  it('is the same in the linked Solidity library and in poseidon-lite', async () => {
    const connection = await network.create()
    const transport = custom(connection.provider)
    const client = createPublicClient({ chain: localChain, transport })
    const wallet = createWalletClient({ chain: localChain, transport })
    const { abi, bytecode } = await artifacts.readArtifact('PoseidonT2')
    const [account] = await wallet.getAddresses()
    assert.ok(account)
    const hash = await wallet.deployContract({
      account,
      abi: abi as Abi,
      bytecode: bytecode as `0x${string}`,
    })
    const { contractAddress } = await client.waitForTransactionReceipt({ hash })
    assert.ok(contractAddress)

    async function same(input: bigint): Promise<void> {
      const call = { address: contractAddress!, abi: abi as Abi, functionName: 'hash', args: [[input]] }
      assert.equal(await client.readContract(call), poseidon1([input]))
    }
    for (const input of [0n, 1n, 2n, FIELD - 2n, FIELD - 1n]) await same(input)
    await fc.assert(fc.asyncProperty(fc.bigInt(0n, FIELD - 1n), same), { numRuns: 100 })
    await connection.close()
  })
})
