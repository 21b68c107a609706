import {
  encodeErrorResult,
  encodeFunctionData,
  getAddress,
  keccak256,
  RpcRequestError,
  type Hex,
  type TransactionReceipt,
} from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { abis, type ContractAddresses } from '@teahouse/protocol/chain'
import { actionId } from '@teahouse/protocol/chain-relay'
import { RELAYER_HOME } from '@teahouse/protocol/membership'
import { NodeChainError } from '../chain/errors.ts'
import { openDatabase } from '../storage/index.ts'
import { ACTION_MIGRATIONS, actionBook } from './book.ts'
import { ChainRelayConfig } from './config.ts'
import { relayDesk, type RelayDeskDeps } from './desk.ts'

const addressOf = (at: number) => getAddress(`0x${String(at).padStart(40, '0')}`)
const CONTRACTS = Object.fromEntries(
  Object.keys(abis).map((name, at) => [name, addressOf(at + 1)]),
) as ContractAddresses
const [ALICE, CONTRACT] = [addressOf(90), addressOf(91)]
const NOW = 1_800_000_000
const GAS = 100_000n
const FROM = { peerId: 'peer', address: '127.0.0' }
const account = privateKeyToAccount(generatePrivateKey())
const MINED = { status: 'success', gasUsed: GAS, transactionHash: '0x' } as unknown as TransactionReceipt

function deposit({ from = ALICE, deadline = NOW + 600, amount = 1n } = {}) {
  const args = [from, from, amount, deadline, '0x12'] as const
  const data = encodeFunctionData({ abi: abis.PaymentChannels, functionName: 'depositFor', args })
  return { to: CONTRACTS.PaymentChannels, data }
}

function registration(home: number) {
  const args = [
    { idCommitment: 5n, rateLimit: 5, holder: ALICE, home },
    9n,
    ALICE,
    NOW + 600,
    '0x12',
  ] as const
  const data = encodeFunctionData({ abi: abis.MembershipRegistry, functionName: 'registerFor', args })
  return { to: CONTRACTS.MembershipRegistry, data }
}

function revertWith(error: 'BadSignature'): RpcRequestError {
  const data = encodeErrorResult({ abi: abis.PaymentChannels, errorName: error, args: [ALICE] })
  return new RpcRequestError({ body: {}, url: 'x', error: { code: 3, message: 'execution reverted', data } })
}

interface World {
  readonly config?: Partial<ReturnType<typeof ChainRelayConfig.parse>>
  /** What becomes of a transaction after it is signed. */
  readonly end?: (raw: Hex) => Promise<TransactionReceipt>
  readonly simulate?: () => void | Promise<void>
  /** Hashes of the transactions that are mined. */
  readonly mined?: Set<Hex>
  /** Signs each transaction so many times, as when it is replaced. */
  readonly signatures?: number
  readonly charge?: RelayDeskDeps['charge']
  readonly db?: ReturnType<typeof openDatabase>
}

function world({
  config,
  end = async () => MINED,
  simulate = () => undefined,
  charge,
  db,
  mined = new Set(),
  signatures = 1,
}: World = {}) {
  const signed: Hex[] = []
  const charged: string[] = []
  const again: Hex[] = []
  let nonce = 0
  const sender: RelayDeskDeps['sender'] = {
    address: account.address,
    async send({ address: to, abi, functionName, args }, options) {
      const data = encodeFunctionData({ abi, functionName, args })
      for (let n = 0; n < signatures; n++) {
        const raw = await account.signTransaction({
          ...{ to, data, nonce, chainId: 1, gas: options!.gas! },
          ...{ type: 'eip1559', maxFeePerGas: 2n + BigInt(n), maxPriorityFeePerGas: 1n },
        })
        options?.signed?.(raw)
        signed.push(raw)
      }
      nonce++
      return await end(signed.at(-1))
    },
  }
  const client = {
    getCode: async ({ address }: { address: Hex }) => (address === CONTRACT ? '0x01' : undefined),
    estimateFeesPerGas: async () => ({ maxFeePerGas: 2n, maxPriorityFeePerGas: 1n }),
    async estimateGas() {
      await simulate()
      return GAS
    },
    request: async ({ method, params: [hash] }: { method: string; params: [Hex] }) =>
      method === 'eth_getTransactionReceipt' && mined.has(hash) ? { gasUsed: '0x10', status: '0x1' } : null,
    sendRawTransaction: async ({ serializedTransaction }: { serializedTransaction: Hex }) => {
      again.push(serializedTransaction)
      return keccak256(serializedTransaction)
    },
  } as unknown as RelayDeskDeps['client']
  const database = db ?? openDatabase(':memory:', ACTION_MIGRATIONS)
  const desk = relayDesk(
    { ...ChainRelayConfig.parse({ answerMs: 50 }), ...config },
    {
      contracts: CONTRACTS,
      operatorId: 7,
      sender,
      client,
      book: actionBook(database),
      head: { current: { number: 1n, hash: '0x', parentHash: '0x', timestamp: NOW } },
      charge:
        charge ??
        (async (_, service) => {
          charged.push(service)
          return { ok: true }
        }),
      now: () => NOW * 1_000,
      log: pino({ level: 'silent' }),
    },
  )
  return { desk, signed, charged, again, database }
}

const refusal = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: { message: string; detail: { status: number } }) => error.detail.status,
  )

describe('the desk', () => {
  it('sends an action once, however often it comes', async () => {
    const { desk, signed, charged } = world()
    const [first, same] = await Promise.all([desk.submit(deposit(), FROM), desk.submit(deposit(), FROM)])
    const third = await desk.submit({ ...deposit(), data: `${deposit().data}00` }, FROM)
    expect([same.hash, third.hash]).toEqual([first.hash, first.hash])
    expect(signed).toHaveLength(1)
    expect(charged).toEqual(['relay-transaction'])
    expect(await desk.follow(first.id)).toEqual({ id: first.id, state: 'mined', hash: keccak256(signed[0]!) })
    expect(desk.counts()).toMatchObject({ relayed: 1, spentWei: 2n * GAS, lostWei: 0n })
  })

  it('takes no fee for a registration that pays its operator', async () => {
    const { desk, charged } = world()
    await desk.submit(registration(RELAYER_HOME), FROM)
    expect(charged).toEqual([])
    await desk.submit(registration(3), FROM)
    expect(charged).toEqual(['relay-transaction'])
  })

  it('goes on after a restart with what it had taken on', async () => {
    const first = world({ end: () => new Promise(() => undefined) })
    const sent = await first.desk.submit(deposit(), FROM)
    expect(sent.state).toBe('sent')
    const second = world({ db: first.database })
    second.desk.resume()
    expect(await second.desk.submit(deposit(), FROM)).toEqual(sent)
    expect(second.signed).toEqual([])
    expect(second.again).toEqual([first.signed[0], first.signed[0]])
  })

  it('finds the transaction that was mined, though it had signed one that pays more', async () => {
    const mined = new Set<Hex>()
    const first = world({ signatures: 3, end: () => Promise.reject(new Error('timed out')), mined })
    const { id, state } = await first.desk.submit(deposit(), FROM)
    expect(state).toBe('sent')
    const hash = keccak256(first.signed[0]!)
    mined.add(hash)
    const second = world({ db: first.database, mined })
    expect(await second.desk.follow(id)).toEqual({ id, state: 'mined', hash })
    expect(second.desk.counts()).toMatchObject({ relayed: 1, spentWei: 2n * 16n })
  })

  it('starts with an action in its book that it can send no more, and goes on with the next', async () => {
    const first = world()
    const fields = { gas: GAS, cost: 0n, at: NOW, state: 'waiting', hash: undefined, raws: [] } as const
    const book = actionBook(first.database)
    book.put({ id: '0x01', target: ALICE, data: '0x', ...fields })
    const { to: target, data } = deposit()
    book.put({ id: actionId(target, data), target, data, ...fields, at: NOW + 1 })
    first.desk.resume()
    await expect.poll(() => first.signed.length).toBe(1)
    expect(await first.desk.follow('0x01')).toMatchObject({ state: 'lost' })
  })
})

describe('when it must refuse', () => {
  it.each([
    { given: 'a deadline that is near', action: deposit({ deadline: NOW + 30 }), status: 422 },
    { given: 'a signer that is a contract', action: deposit({ from: CONTRACT }), status: 422 },
    { given: 'another contract', action: { to: ALICE, data: deposit().data }, status: 422 },
    { given: 'more gas than it gives', action: deposit(), config: { maxGas: 100_001 }, status: 422 },
    {
      given: 'more than it spends in an hour',
      action: deposit(),
      config: { coinPerHour: 2n * GAS },
      status: 429,
    },
    { given: 'a node that sends nothing', action: deposit(), config: { relay: false }, status: 422 },
  ])('given $given, sends nothing and takes nothing', async ({ action, config, status }) => {
    const { desk, signed, charged } = world(config ? { config } : {})
    expect(await refusal(desk.submit(action, FROM))).toBe(status)
    expect([signed, charged]).toEqual([[], []])
    expect(desk.counts()).toMatchObject({ refused: 1, spentWei: 0n })
  })

  it('says what the contract says', async () => {
    const { desk, signed } = world({
      simulate() {
        throw revertWith('BadSignature')
      },
    })
    await expect(desk.submit(deposit(), FROM)).rejects.toMatchObject({
      detail: { status: 409 },
      message: expect.stringContaining('BadSignature') as string,
      revert: expect.stringMatching(/^0x/) as string,
    })
    expect(signed).toEqual([])
  })

  it('sends nothing that is not paid', async () => {
    const { desk, signed } = world({ charge: async () => ({ ok: false, description: 'pay' }) })
    expect(await refusal(desk.submit(deposit(), FROM))).toBe(429)
    expect(signed).toEqual([])
  })

  it('limits what a person, and what a peer may have sent', async () => {
    const person = world({ config: { actionsPerPerson: 1 } }).desk
    await person.submit(deposit(), FROM)
    expect(
      await refusal(person.submit(deposit({ amount: 2n }), { peerId: 'other', address: '10.0.0' })),
    ).toBe(429)
    const peer = world({ config: { actionsPerPeer: 1 } }).desk
    await peer.submit(deposit(), FROM)
    expect(await refusal(peer.submit(deposit({ from: addressOf(99) }), FROM))).toBe(429)
  })

  it('spends no more than the hour leaves on actions that come together', async () => {
    const { promise: open, resolve: go } = Promise.withResolvers<void>()
    const cost = 2n * ((GAS * 13n) / 10n)
    const { desk, signed } = world({ config: { coinPerHour: 2n * cost }, simulate: () => open })
    const all = [1n, 2n, 3n, 4n].map((amount) => refusal(desk.submit(deposit({ amount }), FROM)))
    go()
    expect((await Promise.all(all)).toSorted()).toEqual([429, 429, undefined, undefined])
    expect(signed).toHaveLength(2)
  })

  it('has no more wait than it says, also of those that come together', async () => {
    const { promise: open, resolve: go } = Promise.withResolvers<void>()
    const { desk } = world({ config: { maxWaiting: 1 }, simulate: () => open })
    const all = [1n, 2n].map((amount) => refusal(desk.submit(deposit({ amount }), FROM)))
    go()
    expect(await Promise.all(all)).toEqual([undefined, 503])
  })

  it('cuts off who brought an action that failed on chain, not who signed it, and counts the loss', async () => {
    const detail = { code: 'REVERTED', functionName: 'depositFor', hash: '0x' } as const
    const { desk, signed } = world({ end: () => Promise.reject(new NodeChainError('failed', detail)) })
    const { id } = await desk.submit(deposit(), FROM)
    expect(await desk.follow(id)).toMatchObject({ state: 'reverted' })
    expect(desk.counts()).toMatchObject({ relayed: 0, reverted: 1, lostWei: 2n * ((GAS * 13n) / 10n) })
    const other = { peerId: 'other', address: '10.0.0' }
    const [theirs, hers] = [deposit({ from: addressOf(99) }), deposit({ amount: 2n })]
    expect(await refusal(desk.submit(theirs, FROM))).toBe(429)
    // Anybody can have copied what she signed.
    expect(await refusal(desk.submit(hers, other))).toBeUndefined()
    expect(signed).toHaveLength(2)
  })
})
