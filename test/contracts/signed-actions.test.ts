import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import fc from 'fast-check'
import { bytesToHex, type Hex, zeroAddress } from 'viem'
import { actionDomain, isRevert, SIGNED_ACTIONS } from '../../protocol/src/chain/index.ts'
import { simulatedNetwork } from './support/simulated.ts'

const CHAIN_ID = 31337
const DEADLINE = 2 ** 40 - 1
const STAKE = 200_000_000n

type Message = Record<string, unknown>

describe('signed actions, typed in TypeScript and checked on chain', () => {
  let chain: Awaited<ReturnType<typeof simulatedNetwork>>
  let id: number
  before(async () => {
    chain = await simulatedNetwork()
  })
  after(() => chain.connection.close())
  beforeEach(async () => {
    const { OperatorStaking } = chain.alice.contracts
    await OperatorStaking.write.createOperator([chain.alice.address, chain.alice.address, zeroAddress])
    id = await OperatorStaking.read.operatorCount()
    await OperatorStaking.write.stake([id, 0, STAKE])
  })

  /** alice signs for the contract, with her next nonce there. */
  async function sign(contract: keyof typeof SIGNED_ACTIONS, primaryType: string, message: Message) {
    const { alice, addresses } = chain
    const nonce = await alice.contracts[contract].read.nonces([alice.address])
    const types: Record<string, unknown> = SIGNED_ACTIONS[contract]
    return await alice.account.signTypedData({
      domain: actionDomain(contract, addresses[contract], CHAIN_ID),
      types,
      primaryType,
      message: { ...message, nonce, deadline: DEADLINE },
    })
  }

  it('of an operator are done for the owner, sent by somebody else', async () => {
    const { alice, bob } = chain
    const { write, read } = bob.contracts.OperatorStaking
    const [node, payee, feeRegistry, court] = ['11', '22', '33', '44'].map(
      (byte): Hex => `0x${byte.repeat(20)}`,
    ) as [Hex, Hex, Hex, Hex]
    const signed = async (type: string, message: Message) => await sign('OperatorStaking', type, message)

    const create = await signed('CreateOperator', { node, payee, feeRegistry })
    await write.createOperatorFor([alice.address, node, payee, feeRegistry, DEADLINE, create])
    const created = await read.operator([id + 1])
    assert.equal(created.owner, alice.address)

    await write.setKeysFor([id, node, payee, DEADLINE, await signed('SetKeys', { id, node, payee })])
    const fees = await signed('SetFeeRegistry', { id, feeRegistry })
    await write.setFeeRegistryFor([id, feeRegistry, DEADLINE, fees])
    assert.deepEqual(await read.operator([id]), { ...created, staked: STAKE }, 'the same keys, with stake')

    const stake = await signed('Stake', { id, service: 1, amount: 70n })
    await write.stakeFor([alice.address, id, 1, 70n, DEADLINE, stake])
    await write.thawFor([id, 1, 30n, DEADLINE, await signed('Thaw', { id, service: 1, amount: 30n })])
    const terms = await signed('SetTerms', { id, service: 1, thawSeconds: 600, rewardCut: 100 })
    await write.setTermsFor([id, 1, 600, 100, DEADLINE, terms])
    const accept = await signed('SetAdjudicator', { id, service: 1, adjudicator: court, accepted: true })
    await write.setAdjudicatorFor([id, 1, court, true, DEADLINE, accept])
    const { tokens, thawing, thawSeconds, nextRewardCut, version } = await read.provision([id, 1])
    assert.deepEqual(
      { tokens, thawing, thawSeconds, nextRewardCut, version },
      { tokens: 70n, thawing: 30n, thawSeconds: 600, nextRewardCut: 100, version: 2 },
    )
    assert.equal((await read.acceptance([id, 1, court]))[1], 2 ** 40 - 1)

    const delegate = await signed('Delegate', { id, service: 1, amount: 50n, version })
    await write.delegateFor([alice.address, id, 1, 50n, version, DEADLINE, delegate])
    const undelegate = await signed('Undelegate', { id, service: 1, shares: 20_000_000n })
    await write.undelegateFor([alice.address, id, 1, 20_000_000n, DEADLINE, undelegate])
    const { shares, thawing: leaving } = await read.delegation([id, 1, alice.address])
    assert.deepEqual([shares, leaving], [50_000_000n, 20_000_000n])
  })

  it('of a service are announced and retired for the signer, whatever the record', async () => {
    const { alice, bob } = chain
    const { write, read, simulate } = bob.contracts.ServiceRegistry
    const record = fc.record({
      peerId: fc.uint8Array({ minLength: 1, maxLength: 64 }).map((bytes) => bytesToHex(bytes)),
      multiaddrs: fc.array(fc.string({ minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 16 }),
      services: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      clusterId: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      priceHint: fc.bigInt(0n, 2n ** 128n - 1n),
    })
    await fc.assert(
      fc.asyncProperty(record, async (any) => {
        const signature = await sign('ServiceRegistry', 'Announce', { operatorId: id, ...any })
        const other = { ...any, priceHint: any.priceHint ^ 1n }
        await assert.rejects(simulate.announceFor([alice.address, id, other, DEADLINE, signature]), (error) =>
          isRevert(error, 'BadSignature'),
        )
        await write.announceFor([alice.address, id, any, DEADLINE, signature])
        await assert.rejects(simulate.announceFor([alice.address, id, any, DEADLINE, signature]), (error) =>
          isRevert(error, 'BadSignature'),
        )
      }),
      { numRuns: 25 },
    )
    assert.notEqual(await read.recordHash([id]), `0x${'00'.repeat(32)}`)
    const retire = await sign('ServiceRegistry', 'Retire', { operatorId: id })
    await write.retireFor([alice.address, id, DEADLINE, retire])
    assert.equal(await read.recordHash([id]), `0x${'00'.repeat(32)}`)
  })

  it('are the signer’s own: a stranger’s signature announces nothing', async () => {
    const { bob, addresses } = chain
    const message = { operatorId: id, nonce: 0n, deadline: DEADLINE }
    const signature = await bob.account.signTypedData({
      domain: actionDomain('ServiceRegistry', addresses.ServiceRegistry, CHAIN_ID),
      types: { Retire: SIGNED_ACTIONS.ServiceRegistry.Retire },
      primaryType: 'Retire',
      message,
    })
    await assert.rejects(
      bob.contracts.ServiceRegistry.simulate.retireFor([bob.address, id, DEADLINE, signature]),
      (error) => isRevert(error, 'NotOwnerOrNode'),
    )
  })
})
