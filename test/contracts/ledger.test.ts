import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { encodeAbiParameters, type Hex, keccak256, parseAbiParameters } from 'viem'
import { membershipChange, readMembershipParams } from '../../protocol/src/chain/index.ts'
import { identityFromSecret, membershipLedger, rlnIdentifier } from '../../protocol/src/rln/index.ts'
import { simulatedNetwork } from './support/simulated.ts'

const SALT: Hex = `0x${'5a'.repeat(32)}`
const COMMITMENT = parseAbiParameters(
  'uint256 chainId, address registry, address slasher, uint256 secret, bytes32 salt',
)

describe("the registry's changes, read by TypeScript", () => {
  let chain: Awaited<ReturnType<typeof simulatedNetwork>>
  before(async () => {
    chain = await simulatedNetwork()
  })
  after(() => chain.connection.close())

  it('give the same ledger hash at every step: register, gift, renew, exit, slash, expiry', async () => {
    const { alice, bob, client, testClient, addresses } = chain
    const registry = alice.contracts.MembershipRegistry
    const ids = [11n, 12n, 13n, 14n].map((secret) => identityFromSecret(secret).commitment)
    await registry.write.register([ids[0]!, 1, alice.address, 0, 10n ** 12n])
    await registry.write.register([ids[1]!, 600, bob.address, 0, 10n ** 12n]) // a gift
    await registry.write.register([ids[2]!, 77, alice.address, 0, 10n ** 12n])
    await registry.write.renew([ids[0]!, alice.address, 10n ** 12n])
    await bob.contracts.MembershipRegistry.write.exit([ids[1]!])
    await slash(14n, ids[2]!, 13n)
    await testClient.increaseTime({ seconds: 3_600 * 2 + 600 + 60 })
    await registry.write.register([ids[3]!, 5, bob.address, 0, 10n ** 12n]) // ids[0] has expired by now

    const { grace, rootWindow } = await readMembershipParams(registry)
    const ledger = membershipLedger({ graceSeconds: grace, rootWindowSeconds: rootWindow })
    const kinds: string[] = []
    for (const log of await client.getLogs({ address: addresses.MembershipRegistry, fromBlock: 0n })) {
      const change = membershipChange(log)
      if (change === undefined) continue
      const { number, timestamp } = await client.getBlock({ blockNumber: log.blockNumber })
      ledger.apply(change, { number, timestamp: Number(timestamp) })
      kinds.push(change.kind)
    }
    assert.deepEqual(kinds, [
      'registered',
      'registered',
      'registered',
      'renewed',
      'exited',
      'slashed',
      'registered',
    ])
    assert.equal(ledger.ledgerHash, await registry.read.ledger())
    assert.deepEqual(
      [0, 1, 2, 3].map((index) => ledger.member(index)?.active),
      [false, false, false, true],
    )

    /** Bob slashes alice's membership with the revealed secret. */
    async function slash(_next: bigint, idCommitment: bigint, secret: bigint): Promise<void> {
      const slasher = bob.contracts.MembershipRegistry
      const values = [31337n, addresses.MembershipRegistry, bob.address, secret, SALT] as const
      await slasher.write.commitSlash([keccak256(encodeAbiParameters(COMMITMENT, values))])
      await testClient.mine({ blocks: 2 })
      await slasher.write.slash([secret, alice.address, SALT])
      assert.equal((await registry.read.member([idCommitment, alice.address])).state, 4)
    }
  })

  it('name the same RLN identifier', async () => {
    const onChain = await chain.alice.contracts.MembershipRegistry.read.rlnIdentifier()
    const here = rlnIdentifier(31337, chain.addresses.MembershipRegistry)
    assert.equal(`0x${Buffer.from(here).toString('hex')}`, onChain)
  })
})
