import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { network } from 'hardhat'
import {
  type Address,
  createPublicClient,
  createTestClient,
  createWalletClient,
  encodeAbiParameters,
  type Hex,
  http,
  keccak256,
  pad,
  parseAbiParameters,
  parseEther,
  toHex,
  zeroAddress,
  zeroHash,
} from 'viem'
import { generatePrivateKey, mnemonicToAccount, privateKeyToAccount } from 'viem/accounts'
import { hardhat } from 'viem/chains'
import { createExit, type ExitOptions } from '../../client/src/exit/index.ts'
import { contractsAt } from '../../protocol/src/chain/index.ts'
import { presentDeployment } from '../../protocol/src/chain/deployments/index.ts'
import { deployLocal } from '../../scripts/contracts/deploy.ts'

const TEA = 1_000_000n
const HOUR = 3_600
const COMMITMENT = 7n
const HOLDING = ['MembershipRegistry', 'OperatorStaking', 'PaymentChannels', 'Escrow', 'RedEnvelope'] as const

let server: Awaited<ReturnType<typeof network.createServer>>
let rpcUrl: string
let addresses: Awaited<ReturnType<typeof deployLocal>>
let snapshot: Hex

before(async () => {
  server = await network.createServer('node', '127.0.0.1')
  const { address, port } = await server.listen()
  rpcUrl = `http://${address}:${port}`
  addresses = await deployLocal(rpcUrl)
  snapshot = await control().snapshot()
})
beforeEach(async () => {
  await control().revert({ id: snapshot })
  snapshot = await control().snapshot()
})
after(() => server.close())

const transport = () => http(rpcUrl)
const client = () => createPublicClient({ chain: hardhat, transport: transport(), cacheTime: 0 })
const control = () => createTestClient({ mode: 'hardhat', chain: hardhat, transport: transport() })

/** Somebody with coins, a hundred tokens, and allowances for all. */
async function person() {
  const account = privateKeyToAccount(generatePrivateKey())
  const faucetAccount = mnemonicToAccount('test test test test test test test test test test test junk')
  const faucet = createWalletClient({ account: faucetAccount, chain: hardhat, transport: transport() })
  await faucet.sendTransaction({ to: account.address, value: parseEther('1') })
  await contractsAt(addresses, faucet).Token.write.mint([account.address, 100n * TEA])
  const wallet = createWalletClient({ account, chain: hardhat, transport: transport() })
  const at = contractsAt(addresses, { public: client(), wallet })
  for (const name of HOLDING) await at.Token.write.approve([addresses[name], 100n * TEA])
  return { account, address: account.address, at }
}
type Person = Awaited<ReturnType<typeof person>>

const exitOf = ({ account }: Person, options: Partial<ExitOptions> = {}) => {
  const deployment = presentDeployment({ chainId: hardhat.id, contracts: addresses })
  return createExit({ rpcUrl, deployment, account, ...options })
}

/** What is found now: `what: kind or call`. */
const seen = async (who: Person, options: Partial<ExitOptions> = {}) =>
  (await (await exitOf(who, options)).survey()).map(
    ({ what, next }) => `${what}: ${next.kind === 'call' ? next.functionName : next.kind}`,
  )

/** Takes what can be taken; how many steps, and what is left. */
async function leave(who: Person, options: Partial<ExitOptions> = {}) {
  const { done, refused, left } = await (await exitOf(who, options)).run()
  assert.deepEqual(refused, [])
  return { steps: done.map(({ does }) => does), left: left.map(({ next }) => next.kind) }
}

const tokens = ({ at, address }: Person) => at.Token.read.balanceOf([address])

async function later(seconds: number): Promise<void> {
  await control().increaseTime({ seconds })
  await control().mine({ blocks: 1 })
}

async function terms(payer: Person, payee: Person) {
  const { timestamp } = await client().getBlock()
  return {
    payer: payer.address,
    payee: payee.address,
    arbiter: '0x00000000000000000000000000000000000000AA' as Address,
    evaluator: zeroAddress as Address,
    amount: 10n * TEA,
    collateral: 0n,
    arbiterFee: TEA,
    bond: 0n,
    deliverBy: Number(timestamp) + HOUR,
    disputeWindow: HOUR,
    rulingWindow: HOUR,
    defaultToPayee: 2_500,
    appFeeRecipient: zeroAddress as Address,
    appFeeBps: 0,
    details: zeroHash as Hex,
  }
}

describe('the way out', () => {
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

  it('of an operator: retire, thaw, withdraw, and the fees as they stream', async () => {
    const [owner, member] = [await person(), await person()]
    await owner.at.OperatorStaking.write.createOperator([
      member.address,
      owner.address,
      addresses.MembershipRegistry,
    ])
    await owner.at.OperatorStaking.write.stake([1, 0, 100n * TEA])
    await owner.at.ServiceRegistry.write.announce([1, '0x01', ['/ip4/127.0.0.1/tcp/1'], 1, 1, 0n])
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
      addresses.MembershipRegistry,
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

  it('of a deal waits for what its terms foresee, and takes it', async () => {
    const [payer, payee] = [await person(), await person()]
    await payer.at.Escrow.write.fund([await terms(payer, payee)])
    for (const party of [payer, payee]) assert.deepEqual(await leave(party), { steps: [], left: ['wait'] })
    await later(2 * HOUR + 1)
    assert.deepEqual(await leave(payer), { steps: ['close the deal'], left: [] })
    assert.deepEqual(await seen(payee), [])
    assert.equal(await tokens(payee), 110n * TEA)
  })

  it('of a disputed deal tells each party its default', async () => {
    const [payer, payee] = [await person(), await person()]
    const deal = await terms(payer, payee)
    await payer.at.Escrow.write.fund([deal])
    await payer.at.Escrow.write.dispute([deal])
    const amounts = []
    for (const party of [payer, payee]) amounts.push((await (await exitOf(party)).survey())[0]?.amount)
    assert.deepEqual(amounts, [(10n * TEA * 3n) / 4n, (10n * TEA) / 4n])
    await later(HOUR + 1)
    assert.deepEqual(await leave(payee), { steps: ['close the deal'], left: [] })
    assert.equal(await tokens(payer), 100n * TEA - (10n * TEA) / 4n)
  })

  it('of a deal with an app fee tells the payee what it will get', async () => {
    const [payer, payee] = [await person(), await person()]
    const deal = { ...(await terms(payer, payee)), appFeeRecipient: payer.address, appFeeBps: 1_000 }
    await payer.at.Escrow.write.fund([deal])
    await payer.at.Escrow.write.releasePart([deal, 4n * TEA])
    const [item] = await (await exitOf(payee)).survey()
    const before = await tokens(payee)
    await later(2 * HOUR + 1)
    await leave(payee)
    assert.equal(await tokens(payee), before + item!.amount)
    assert.equal(item!.amount, 6n * TEA - (6n * TEA) / 10n)
  })

  it('of an offer takes it back; once it is accepted, that of the collateral waits', async () => {
    const [payer, payee] = [await person(), await person()]
    const deal = { ...(await terms(payer, payee)), collateral: 2n * TEA }
    await payer.at.Escrow.write.fund([deal])
    assert.deepEqual(await leave(payer), { steps: ['take the offer back'], left: [] })
    assert.equal(await tokens(payer), 100n * TEA)
    const other = { ...deal, details: `0x${'01'.repeat(32)}` as const }
    await payer.at.Escrow.write.fund([other])
    await payee.at.Escrow.write.accept([other])
    for (const party of [payer, payee]) assert.deepEqual(await leave(party), { steps: [], left: ['wait'] })
    await later(2 * HOUR + 1)
    assert.deepEqual(await leave(payee), { steps: ['close the deal'], left: [] })
    assert.equal(await tokens(payee), 110n * TEA)
  })

  it('of a bond, also of one for somebody else, comes with the end of the dispute', async () => {
    const [payer, payee, friend] = [await person(), await person(), await person()]
    const deal = { ...(await terms(payer, payee)), bond: 3n * TEA }
    await payer.at.Escrow.write.fund([deal])
    await payer.at.Escrow.write.dispute([deal])
    await friend.at.Escrow.write.answer([deal])
    const amounts = []
    for (const who of [payer, payee, friend]) amounts.push((await (await exitOf(who)).survey())[0]?.amount)
    assert.deepEqual(amounts, [(10n * TEA * 3n) / 4n + 3n * TEA, (10n * TEA) / 4n, 3n * TEA])
    await later(HOUR + 1)
    assert.deepEqual(await leave(friend), { steps: ['close the deal'], left: [] })
    assert.equal(await tokens(friend), 100n * TEA)
    assert.equal(await tokens(payer), 100n * TEA - (10n * TEA) / 4n)
  })

  it('of an unanswered dispute gives the pot to the side that disputed', async () => {
    const [payer, payee] = [await person(), await person()]
    const deal = { ...(await terms(payer, payee)), bond: 3n * TEA }
    await payer.at.Escrow.write.fund([deal])
    await payer.at.Escrow.write.dispute([deal])
    const [item] = await (await exitOf(payer)).survey()
    assert.equal(item?.amount, 13n * TEA)
    await later(HOUR + 1)
    assert.deepEqual(await leave(payer), { steps: ['close the deal'], left: [] })
    assert.equal(await tokens(payer), 100n * TEA)
  })

  it('of a deal that is conceded is at once, and in favour of the other', async () => {
    const [payer, payee] = [await person(), await person()]
    const deal = await terms(payer, payee)
    await payer.at.Escrow.write.fund([deal])
    assert.deepEqual(await leave(payee, { concede: true }), { steps: ['refund the deal'], left: [] })
    await payer.at.Escrow.write.fund([{ ...deal, details: `0x${'01'.repeat(32)}` as const }])
    assert.deepEqual(await leave(payer, { concede: true }), { steps: ['release the deal'], left: [] })
    assert.deepEqual([await tokens(payer), await tokens(payee)], [90n * TEA, 110n * TEA])
  })

  it('of a challenge lets it lapse, or convicts the node, and so gets the bond back', async () => {
    const [owner, asker] = [await person(), await person()]
    const node = privateKeyToAccount(generatePrivateKey())
    const { OperatorStaking, RetrievalCourt } = owner.at
    await OperatorStaking.write.createOperator([node.address, owner.address, zeroAddress])
    await OperatorStaking.write.stake([1, 1, 100n * TEA])
    await OperatorStaking.write.setAdjudicator([1, 1, addresses.RetrievalCourt, true])
    const from = Number((await client().getBlock()).timestamp)
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

  it('of what could not be paid when it was due claims it', async () => {
    const owed = await person()
    await owed.at.Token.write.mint([addresses.Escrow, TEA])
    for (let slot = 0; slot < 10 && (await owed.at.Escrow.read.claimable([owed.address])) !== TEA; slot++) {
      const key = encodeAbiParameters(parseAbiParameters('address, uint256'), [owed.address, BigInt(slot)])
      const value = pad(toHex(TEA), { size: 32 })
      await control().setStorageAt({ address: addresses.Escrow, index: keccak256(key), value })
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
    const events = exitEvents({ reader: limited, addresses, abis, fromBlock: 0n, toBlock })
    const found = await events('MembershipRegistry', 'MemberRegistered', { holder: holder.address })
    assert.deepEqual([found.length, refused > 0], [1, true])
  })

  describe('when it must refuse', () => {
    it('another chain: WRONG_CHAIN', async () => {
      const deployment = presentDeployment({ chainId: 1, contracts: addresses })
      await assert.rejects(exitOf(await person(), { deployment }), {
        detail: { code: 'WRONG_CHAIN', expected: 1, actual: 31_337 },
      })
    })

    it('a version that it does not know: UNKNOWN_ABIS', async () => {
      const deployment = {
        ...presentDeployment({ chainId: hardhat.id, contracts: addresses }),
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
