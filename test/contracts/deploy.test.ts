import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { network } from 'hardhat'
import { createPublicClient, http } from 'viem'
import { contractsAt, readMembershipParams } from '../../protocol/src/chain/index.ts'
import { deployLocal } from '../../scripts/contracts/deploy.ts'

/** Starts a JSON-RPC server with a new chain on a free port and gives its URL to `use`. */
async function withNode<T>(use: (rpcUrl: string) => Promise<T>): Promise<T> {
  const server = await network.createServer('node', '127.0.0.1')
  const { address, port } = await server.listen()
  try {
    return await use(`http://${address}:${port}`)
  } finally {
    await server.close()
  }
}

describe('a local deployment', () => {
  it('has the parameters of a local network, wired together', async () => {
    await withNode(async (rpcUrl) => {
      const addresses = await deployLocal(rpcUrl)
      const contracts = contractsAt(addresses, createPublicClient({ transport: http(rpcUrl) }))
      const params = await readMembershipParams(contracts.MembershipRegistry)
      const { rlnIdentifier: _, ...rest } = params
      assert.deepEqual(rest, {
        epochSeconds: 60,
        rootWindow: 60,
        term: 3_600,
        grace: 600,
        exitDelay: 300,
        commitMinBlocks: 2,
        commitMaxAge: 86_400,
        depositPerMessage: 50_000n,
        feePerMessage: 10_000n,
      })
      const { MembershipRegistry, OperatorStaking, ServiceRegistry, PaymentChannels, Escrow, RedEnvelope } =
        contracts
      assert.equal(await MembershipRegistry.read.staking(), addresses.OperatorStaking)
      assert.equal(await ServiceRegistry.read.staking(), addresses.OperatorStaking)
      assert.equal(await OperatorStaking.read.minimumStake(), 100_000_000n)
      assert.equal(await OperatorStaking.read.thawSeconds(), 300)
      assert.equal(await OperatorStaking.read.maximumThawSeconds(), 1_200)
      assert.equal(await OperatorStaking.read.creditSeconds(), 2_400)
      assert.equal(await OperatorStaking.read.maximumRewardCut(), 3_000)
      assert.equal(await PaymentChannels.read.thawSeconds(), 60)
      const { RetrievalCourt, ArchiveCourt } = contracts
      assert.equal(await RetrievalCourt.read.window(), 20)
      assert.equal(await RetrievalCourt.read.maxTerm(), 200)
      assert.equal(await RetrievalCourt.read.noticeDelay(), 30)
      assert.equal(await ArchiveCourt.read.maxTerm(), 7_200)
      for (const court of [RetrievalCourt, ArchiveCourt]) {
        assert.equal(await court.read.staking(), addresses.OperatorStaking)
        assert.equal(await court.read.rewardBps(), 1_000)
      }
      const holders = [
        RetrievalCourt,
        MembershipRegistry,
        OperatorStaking,
        PaymentChannels,
        Escrow,
        RedEnvelope,
      ]
      for (const holder of holders) {
        assert.equal(await holder.read.token(), addresses.Token)
      }
    })
  })

  it('starts from scratch on every chain, and leaves no journal behind', async () => {
    const first = await withNode(deployLocal)
    const second = await withNode(deployLocal)
    assert.deepEqual(second, first, 'a new chain gets the whole deployment again')
    const twice = await withNode(async (rpcUrl) => {
      await deployLocal(rpcUrl)
      return deployLocal(rpcUrl)
    })
    assert.notDeepEqual(twice, first, 'the same chain gets a second one')
    assert.ok(!existsSync(join(import.meta.dirname, '../../ignition/deployments/chain-31337')))
  })

  it('takes other parameters', async () => {
    await withNode(async (rpcUrl) => {
      const addresses = await deployLocal(rpcUrl, { parameters: { channelThawSeconds: 5 } })
      const { PaymentChannels } = contractsAt(addresses, createPublicClient({ transport: http(rpcUrl) }))
      assert.equal(await PaymentChannels.read.thawSeconds(), 5)
    })
  })
})
