import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  type Abi,
  type Address,
  encodeAbiParameters,
  encodeFunctionData,
  type Hex,
  keccak256,
  numberToHex,
} from 'viem'
import { abis, isRevert } from '../../protocol/src/chain/index.ts'
import { identityFromSecret } from '../../protocol/src/rln/index.ts'
import {
  BURNED,
  type ModelMember,
  Refusal,
  type RegistryModel,
  registryModel,
} from './support/registry-model.ts'
import { simulatedNetwork } from './support/simulated.ts'

const SEED = Number(process.env['TEAHOUSE_SEED'] ?? Math.floor(Math.random() * 2 ** 32))
const DAY = 86_400
const ACTIONS = 700
const TEA = 1_000_000n
const STAKE = 100n * TEA
const PARAMS = {
  epochSeconds: 600,
  rootWindow: 3_600,
  term: 60 * DAY,
  grace: 10 * DAY,
  exitDelay: DAY,
  commitMinBlocks: 2,
  commitMaxAge: DAY,
  depositPerMessage: 50_001n,
  feePerMessage: 99_730n,
}
const CREDIT_SECONDS = 120 * DAY
const STATES = ['none', 'active', 'exited', 'withdrawn', 'slashed']
const PAYEES = [
  '0x00000000000000000000000000000000000000A1',
  '0x00000000000000000000000000000000000000A2',
] as const
const SALT: Hex = `0x${'00'.repeat(32)}`

/** Random numbers that can be had again from their seed (mulberry32). */
function random(seed: number) {
  let state = seed | 0
  function next(): number {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return { below, pick: <T>(list: readonly T[]): T => list[below(list.length)]! }
}

describe(`a year of memberships against a plain model (seed ${SEED}, TEAHOUSE_SEED repeats it)`, () => {
  let chain: Awaited<ReturnType<typeof simulatedNetwork>>
  let people: Address[]
  let model: RegistryModel
  let now: number
  const { below, pick } = random(SEED)

  before(async () => {
    chain = await simulatedNetwork({ membership: PARAMS, creditSeconds: CREDIT_SECONDS })
    const unlocked = await chain.connection.provider.request({ method: 'eth_accounts' })
    people = (unlocked as Address[]).slice(1, 6)
    now = Number((await chain.client.getBlock()).timestamp)
    model = registryModel({ ...PARAMS, minimumStake: STAKE, creditSeconds: BigInt(CREDIT_SECONDS) })
    for (const person of people) {
      await send(person, 'Token', 'mint', [person, 10n ** 15n])
      for (const spender of [chain.addresses.MembershipRegistry, chain.addresses.OperatorStaking])
        await send(person, 'Token', 'approve', [spender, 2n ** 256n - 1n])
    }
    for (const [i, payee] of PAYEES.entries()) {
      const args = [payee, payee, chain.addresses.MembershipRegistry]
      await send(people[0]!, 'OperatorStaking', 'createOperator', args)
      model.createOperator(now, i + 1, payee)
      await stake(i + 1, STAKE * BigInt(i + 2))
    }
  })
  after(() => chain.connection.close())

  /** Sends a transaction in a block of a second later, or at `now`. */
  async function send(
    from: Address,
    contract: 'MembershipRegistry' | 'OperatorStaking' | 'Token',
    functionName: string,
    args: readonly unknown[],
  ): Promise<void> {
    now += 1
    const { provider } = chain.connection
    await provider.request({ method: 'evm_setNextBlockTimestamp', params: [now] })
    const abi: Abi = abis[contract]
    const data = encodeFunctionData({ abi, functionName, args })
    const tx = { from, to: chain.addresses[contract], data, gas: numberToHex(3_000_000) }
    await provider.request({ method: 'eth_sendTransaction', params: [tx] })
  }

  const registry = (from: Address, functionName: string, args: readonly unknown[]) =>
    send(from, 'MembershipRegistry', functionName, args)

  async function stake(id: number, amount: bigint): Promise<void> {
    const [name, size] = amount < 0n ? ['thaw', -amount] : ['stake', amount]
    await send(people[0]!, 'OperatorStaking', name, [id, 0, size])
    model.stake(now, id, amount)
  }

  /** Does it on chain and in the model; both must do it, or both refuse for the same reason. */
  async function both(transaction: Promise<void>, change: () => void): Promise<void> {
    const error: unknown = await transaction.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    try {
      change()
    } catch (refusal) {
      assert.ok(refusal instanceof Refusal, String(refusal))
      assert.ok(error !== undefined && isRevert(error, refusal.name), `${refusal.name}, not ${String(error)}`)
      return
    }
    assert.ifError(error)
  }

  let secrets = 1n
  function newMember() {
    const secret = secrets++
    const idCommitment = identityFromSecret(secret).commitment
    return { secret, idCommitment, rateLimit: 1 + below(600), holder: pick(people), home: below(3) }
  }

  const someone = (wanted: readonly string[]): ModelMember => {
    const fit = model.members.filter(({ state }) => wanted.includes(state))
    return pick(fit.length > 0 && below(10) > 0 ? fit : model.members)
  }

  const ANY = 2n ** 256n - 1n
  const actions: Record<string, () => Promise<void>> = {
    async register() {
      const m = newMember()
      const payer = pick(people)
      const args = [m.idCommitment, m.rateLimit, m.holder, m.home, ANY]
      await both(registry(payer, 'register', args), () => model.register(now, payer, [m]))
    },
    async registerMany() {
      const many = [newMember(), newMember(), ...(below(4) === 0 ? [model.members[0]!] : [])]
      const payer = pick(people)
      await both(registry(payer, 'registerMany', [many, ANY]), () => model.register(now, payer, many))
    },
    async renew() {
      const m = someone(['active'])
      const payer = pick(people)
      const args = [m.idCommitment, m.holder, ANY]
      await both(registry(payer, 'renew', args), () => model.renew(now, payer, m))
    },
    async exit() {
      const m = someone(['active'])
      await both(registry(m.holder, 'exit', [m.idCommitment]), () => model.exit(now, m))
    },
    async withdraw() {
      const m = someone(['active', 'exited'])
      const args = [m.idCommitment, m.holder]
      await both(registry(pick(people), 'withdraw', args), () => model.withdraw(now, m))
    },
    async slash() {
      const m = someone(['active', 'exited'])
      const slasher = pick(people)
      const values = [31337n, chain.addresses.MembershipRegistry, slasher, m.secret, SALT] as const
      const types = ['uint256', 'address', 'address', 'uint256', 'bytes32'].map((type) => ({ type }))
      const commitment = keccak256(encodeAbiParameters(types, values))
      await registry(slasher, 'commitSlash', [commitment]).catch((error: unknown) => {
        assert.ok(isRevert(error, 'AlreadyCommitted'), String(error)) // for a slash that was refused before
      })
      await chain.testClient.mine({ blocks: 2, interval: 1 })
      now += 2
      await both(registry(slasher, 'slash', [m.secret, m.holder, SALT]), () => model.slash(m, slasher))
    },
    async setHome() {
      const m = someone(['active', 'exited', 'withdrawn', 'slashed'])
      const home = below(3)
      const args = [m.idCommitment, home]
      await both(registry(m.holder, 'setHome', args), () => model.setHome(now, m, home))
    },
    async claimFees() {
      const first = pick(model.members)
      const same = model.members.filter(({ home }) => home === first.home)
      const list = [first, ...Array.from({ length: below(8) }, () => pick(same))] // some twice
      await both(registry(pick(people), 'claimFees', [list]), () => model.claimFees(now, list))
    },
    async claimOwed() {
      const home = below(3)
      await both(registry(pick(people), 'claimOwed', [home]), () => model.claimOwed(now, home))
    },
    async moveStake() {
      const id = 1 + below(2)
      const { stake: staked } = model.operators.get(id)!
      await stake(id, staked > STAKE && below(2) === 0 ? -(staked / 2n) - 1n : STAKE)
    },
  }
  const OFTEN =
    'register register registerMany renew renew exit withdraw withdraw slash setHome setHome claimFees claimFees claimOwed moveStake'.split(
      ' ',
    )

  async function compare(thoroughly: boolean): Promise<void> {
    const { MembershipRegistry: read, Token } = chain.alice.contracts
    assert.equal(await read.read.ledger(), model.ledger, 'ledger hash')
    assert.equal(await Token.read.balanceOf([read.address]), model.held, 'tokens held')
    if (!thoroughly) return
    for (const m of model.members) {
      const there = await read.read.member([m.idCommitment, m.holder])
      const { secret: _, idCommitment: __, holder: ___, ...here } = m
      assert.deepEqual({ ...there, state: STATES[there.state] }, here, `member ${m.index}`)
    }
    for (const home of [0, 1, 2]) {
      const [amount] = await read.read.owed([home])
      assert.equal(amount, model.owed.get(home)?.amount ?? 0n, `owed to ${home}`)
    }
    for (const account of [...PAYEES, BURNED])
      assert.equal(await Token.read.balanceOf([account]), model.balances.get(account) ?? 0n, account)
  }

  it('agrees with the model after every action, and empties to the unit', async () => {
    const start = now
    for (const _ of [1, 2, 3]) await actions['register']!()
    for (let i = 0; i < ACTIONS; i++) {
      now += below((2 * 365 * DAY) / ACTIONS)
      await actions[pick(OFTEN)]!()
      await compare(i % 50 === 0)
    }
    assert.ok(now - start > 300 * DAY, 'a year, more or less')
    await compare(true)

    now += 3 * 365 * DAY
    await stake(1, STAKE)
    await stake(2, STAKE)
    for (const m of model.members) {
      if (['active', 'exited'].includes(m.state))
        await both(registry(m.holder, 'withdraw', [m.idCommitment, m.holder]), () => model.withdraw(now, m))
      await both(registry(m.holder, 'setHome', [m.idCommitment, 0]), () => model.setHome(now, m, 0))
    }
    for (let i = 0; i < 40; i++) {
      for (const home of [1, 2, 0]) {
        if ((model.owed.get(home)?.amount ?? 0n) === 0n) continue
        await both(registry(people[0]!, 'claimOwed', [home]), () => model.claimOwed(now, home))
      }
      now += 30 * DAY
    }
    await compare(true)
    assert.equal(model.held, 0n, 'nothing is left')
  })
})
