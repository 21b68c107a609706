import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseEther, zeroAddress, zeroHash } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { COMMITMENT, exitChain, exitsOn, HOUR, TEA } from './support/exit-chain.ts'

describe('the way out of stake and promises', () => {
  const chain = exitChain()
  const { client, control, person, seen, leave, tokens, later, now } = exitsOn(chain)

  it('of an operator: retire, thaw, withdraw, and the fees as they stream', async () => {
    const [owner, member] = [await person(), await person()]
    await owner.at.OperatorStaking.write.createOperator([
      member.address,
      owner.address,
      chain.addresses.MembershipRegistry,
    ])
    await owner.at.OperatorStaking.write.stake([1, 0, 100n * TEA])
    await owner.at.ServiceRegistry.write.announce([
      1,
      { peerId: '0x01', multiaddrs: ['/ip4/127.0.0.1/tcp/1'], services: 1, clusterId: 1, priceHint: 0n },
    ])
    await member.at.MembershipRegistry.write.register([COMMITMENT, 20, member.address, 1, 2n * TEA])
    await later(HOUR + 1)
    const { steps, left } = await leave(owner)
    assert.deepEqual(steps, ['retire the node', 'claim the fees', 'thaw the stake'])
    assert.deepEqual(left, ['wait'])
    await later(301)
    assert.deepEqual(await leave(owner), { steps: ['withdraw the stake'], left: [] })
    const fee = (20n * TEA) / 100n
    assert.equal(await tokens(owner), 100n * TEA + fee - fee / 10n)
  })

  it('of an operator takes the fees so far, and tells that more would have come', async () => {
    const [owner, member] = [await person(), await person()]
    await owner.at.OperatorStaking.write.createOperator([
      member.address,
      owner.address,
      chain.addresses.MembershipRegistry,
    ])
    await owner.at.OperatorStaking.write.stake([1, 0, 100n * TEA])
    await member.at.MembershipRegistry.write.register([COMMITMENT, 20, member.address, 1, 2n * TEA])
    await later(60)
    assert.deepEqual(await seen(owner), [
      'fees of 1 memberships with operator 1: claimFees',
      'fees to come to operator 1: streams',
      'stake of operator 1 for service 0: thaw',
    ])
    await leave(owner)
    await later(60)
    assert.ok((await seen(owner)).includes('fees of operator 1: blocked')) // without stake it earns nothing
  })

  it('of a delegation: undelegate, wait, withdraw', async () => {
    const [owner, delegator] = [await person(), await person()]
    await owner.at.OperatorStaking.write.createOperator([owner.address, owner.address, zeroAddress])
    await owner.at.OperatorStaking.write.stake([1, 1, 10n * TEA])
    const { version } = await owner.at.OperatorStaking.read.provision([1, 1])
    await delegator.at.OperatorStaking.write.delegate([1, 1, 40n * TEA, version])
    assert.deepEqual(await leave(delegator), { steps: ['undelegate'], left: ['wait'] })
    await later(301)
    assert.deepEqual(await leave(delegator), { steps: ['withdraw the delegation'], left: [] })
    assert.equal(await tokens(delegator), 100n * TEA)
    assert.deepEqual(await seen(owner), ['stake of operator 1 for service 1: thaw'])
  })

  it('of a challenge lets it lapse, or convicts the node, and so gets the bond back', async () => {
    const [owner, asker] = [await person(), await person()]
    const node = privateKeyToAccount(generatePrivateKey())
    const { OperatorStaking, RetrievalCourt } = owner.at
    await OperatorStaking.write.createOperator([node.address, owner.address, zeroAddress])
    await OperatorStaking.write.stake([1, 1, 100n * TEA])
    await OperatorStaking.write.setAdjudicator([1, 1, chain.addresses.RetrievalCourt, true])
    const from = await now()
    const promise = {
      operator: 1,
      client: asker.address,
      root: zeroHash,
      size: 1_000n,
      liability: TEA,
      slot: 0,
    }
    const receipt = { ...promise, from, until: from + 150 }
    const signature = await node.sign({ hash: await RetrievalCourt.read.receiptDigest([receipt]) })
    const challenge = () =>
      asker.at.RetrievalCourt.write.challenge([receipt, signature], { value: parseEther('0.5') })

    await challenge()
    assert.deepEqual(await leave(asker), { steps: [], left: ['wait'] })
    await later(21)
    assert.deepEqual(await leave(asker), { steps: ['let the challenge lapse'], left: [] })
    await challenge()
    await control().mine({ blocks: 3 })
    await RetrievalCourt.write.draw([receipt])
    await later(21)
    assert.deepEqual(await leave(asker), { steps: ['convict the node'], left: [] })
    assert.ok((await client().getBalance({ address: asker.address })) > parseEther('0.9'))
  })
})
