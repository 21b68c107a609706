import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type Address,
  encodeAbiParameters,
  keccak256,
  pad,
  parseAbiParameters,
  toHex,
  zeroAddress,
} from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { localChain } from '@teahouse/protocol/chain'
import { presentDeployment } from '../../protocol/src/chain/deployments/index.ts'
import { COMMITMENT, exitChain, exitsOn, HOUR, TEA } from './support/exit-chain.ts'

describe('the way out', () => {
  const chain = exitChain()
  const { client, control, person, exitOf, seen, leave, tokens, later } = exitsOn(chain)

  it('of a stranger finds nothing, and sends nothing', async () => {
    const stranger = await person()
    assert.deepEqual(await leave(stranger), { steps: [], left: [] })
  })

  it('of a membership, also of one that somebody else gave: leave, wait, withdraw', async () => {
    const [giver, holder] = [await person(), await person()]
    const price = [COMMITMENT, 20, holder.address, 0, 2n * TEA] as const
    await giver.at.MembershipRegistry.write.register(price)
    assert.deepEqual(await seen(giver), [])
    assert.deepEqual(await seen(holder), ['deposit of membership 0: exit'])
    assert.deepEqual(await leave(holder), { steps: ['leave'], left: ['wait'] })
    assert.deepEqual(await leave(holder), { steps: [], left: ['wait'] })
    await later(301)
    assert.deepEqual(await leave(holder), { steps: ['withdraw the deposit'], left: [] })
    assert.equal(await tokens(holder), 101n * TEA)
  })

  it('of a membership whose term has ended needs no exit', async () => {
    const holder = await person()
    await holder.at.MembershipRegistry.write.register([COMMITMENT, 20, holder.address, 0, 2n * TEA])
    await later(HOUR + 601)
    assert.deepEqual(await seen(holder), ['deposit of membership 0: wait'])
    await later(301)
    assert.deepEqual(await leave(holder), { steps: ['withdraw the deposit'], left: [] })
  })

  it('of a slashed or withdrawn membership is none', async () => {
    const holder = await person()
    await holder.at.MembershipRegistry.write.register([COMMITMENT, 20, holder.address, 0, 2n * TEA])
    await holder.at.MembershipRegistry.write.exit([COMMITMENT])
    await later(301)
    await holder.at.MembershipRegistry.write.withdraw([COMMITMENT, holder.address])
    assert.deepEqual(await seen(holder), [])
  })

  it('of an envelope waits for its expiry, and takes back what nobody claimed', async () => {
    const creator = await person()
    const { timestamp } = await client().getBlock()
    const envelope = {
      creator: creator.address,
      amount: 5n * TEA,
      shares: 2,
      expiry: Number(timestamp) + HOUR,
      gated: false,
      root: `0x${'11'.repeat(32)}`,
      salt: `0x${'00'.repeat(32)}`,
    } as const
    await creator.at.RedEnvelope.write.create([envelope])
    assert.deepEqual(await leave(creator), { steps: [], left: ['wait'] })
    await later(HOUR + 1)
    assert.deepEqual(await leave(creator), { steps: ['take the rest back'], left: [] })
    assert.equal(await tokens(creator), 100n * TEA)
  })

  it('of channels: thaw each, wait, deallocate, and one withdrawal of all', async () => {
    const payer = await person()
    const [first, second] = [
      privateKeyToAccount(generatePrivateKey()),
      privateKeyToAccount(generatePrivateKey()),
    ]
    await payer.at.PaymentChannels.write.deposit([payer.address, 30n * TEA])
    for (const { address } of [first, second])
      await payer.at.PaymentChannels.write.allocate([address, 10n * TEA, payer.address])
    const now = await leave(payer)
    assert.deepEqual(now.steps.sort(), ['thaw the channel', 'thaw the channel', 'withdraw the deposit'])
    assert.deepEqual(now.left, ['wait', 'wait'])
    await later(61)
    const then = await leave(payer)
    assert.deepEqual(then, {
      steps: ['close the channel', 'close the channel', 'withdraw the deposit'],
      left: [],
    })
    assert.equal(await tokens(payer), 100n * TEA)
  })

  it('of what could not be paid when it was due claims it', async () => {
    const owed = await person()
    await owed.at.Token.write.mint([chain.addresses.Escrow, TEA])
    for (let slot = 0; slot < 10 && (await owed.at.Escrow.read.claimable([owed.address])) !== TEA; slot++) {
      const key = encodeAbiParameters(parseAbiParameters('address, uint256'), [owed.address, BigInt(slot)])
      const value = pad(toHex(TEA), { size: 32 })
      await control().setStorageAt({ address: chain.addresses.Escrow, index: keccak256(key), value })
    }
    assert.deepEqual(await seen(owed), ['payment that could not be made before: claim'])
    assert.deepEqual(await leave(owed), { steps: ['claim what waits'], left: [] })
    assert.equal(await tokens(owed), 101n * TEA)
  })

  it('waits by itself if it is told to', async () => {
    const payer = await person()
    await payer.at.PaymentChannels.write.deposit([payer.address, 30n * TEA])
    await payer.at.PaymentChannels.write.allocate([
      zeroAddress.replace(/0$/, '1') as Address,
      TEA,
      payer.address,
    ])
    const exit = await exitOf(payer)
    const waits: number[] = []
    const onWait = (until: number) => {
      waits.push(until)
      void later(120)
    }
    const { left, done } = await exit.run({ wait: true, onWait })
    assert.deepEqual([left, waits.length], [[], 1])
    assert.equal(done.length, 4)
  })

  it('searches in halves if the endpoint refuses long ranges', async () => {
    const holder = await person()
    await holder.at.MembershipRegistry.write.register([COMMITMENT, 20, holder.address, 0, 2n * TEA])
    const { exitEvents } = await import('../../client/src/exit/events.ts')
    const { abis } = await import('../../protocol/src/chain/deployments/generated/abis-1.ts')
    const reader = client()
    let refused = 0
    const getContractEvents: typeof reader.getContractEvents = (query) => {
      const { fromBlock, toBlock } = query as { fromBlock: bigint; toBlock: bigint }
      if (toBlock - fromBlock < 10n) return reader.getContractEvents(query)
      refused++
      return Promise.reject(new Error('range too large'))
    }
    const toBlock = await reader.getBlockNumber()
    const limited = { ...reader, getContractEvents }
    const events = exitEvents({ reader: limited, addresses: chain.addresses, abis, fromBlock: 0n, toBlock })
    const found = await events('MembershipRegistry', 'MemberRegistered', { holder: holder.address })
    assert.deepEqual([found.length, refused > 0], [1, true])
  })

  describe('when it must refuse', () => {
    it('another chain: WRONG_CHAIN', async () => {
      const deployment = presentDeployment({ chainId: 1, contracts: chain.addresses })
      await assert.rejects(exitOf(await person(), { deployment }), {
        detail: { code: 'WRONG_CHAIN', expected: 1, actual: 31_337 },
      })
    })

    it('a version that it does not know: UNKNOWN_ABIS', async () => {
      const deployment = {
        ...presentDeployment({ chainId: localChain.id, contracts: chain.addresses }),
        abiVersion: 99,
      }
      await assert.rejects(exitOf(await person(), { deployment }), {
        detail: { code: 'UNKNOWN_ABIS', abiVersion: 99 },
      })
    })

    it('to begin without coins for gas: NO_GAS', async () => {
      const holder = await person()
      await holder.at.MembershipRegistry.write.register([COMMITMENT, 20, holder.address, 0, 2n * TEA])
      await control().setBalance({ address: holder.address, value: 0n })
      const exit = await exitOf(holder)
      await assert.rejects(exit.run(), (error: { code?: string }) => error.code === 'NO_GAS')
    })
  })
})
