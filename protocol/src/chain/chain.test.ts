import fc from 'fast-check'
import {
  type Address,
  BaseError,
  encodeAbiParameters,
  encodeErrorResult,
  encodeEventTopics,
  type Hex,
  HttpRequestError,
  parseAbiParameters,
} from 'viem'
import { describe, expect, it } from 'vitest'
import { abis } from './abis.ts'
import { ChainError, chainError, isRevert } from './errors.ts'
import { membershipChange, type RawLog } from './membership-events.ts'
import { LocalNetwork } from './network.ts'
import { announceArgs, readServices, SERVICES, servicesFrom } from './services.ts'

const A: Address = '0x00000000000000000000000000000000000000AA'
const LEDGER: Hex = `0x${'ab'.repeat(32)}`
const PEER_ID = new Uint8Array([0, 37, 8, 2])
const ADDRS = ['/ip4/127.0.0.1/tcp/1', '/ip4/127.0.0.1/tcp/2/ws']

function log(topics: readonly unknown[], types: string, values: readonly unknown[]): RawLog {
  const data = types === '' ? '0x' : encodeAbiParameters(parseAbiParameters(types), values as never)
  return { topics: topics as RawLog['topics'], data }
}

function announced(operatorId: number, clusterId: number): RawLog {
  const args = { operatorId, node: A }
  return log(
    encodeEventTopics({ abi: abis.ServiceRegistry, eventName: 'ServiceAnnounced', args }),
    'bytes, string[], uint32, uint32, uint128',
    [`0x${Buffer.from(PEER_ID).toString('hex')}`, ADDRS, 15, clusterId, 42n],
  )
}

function retired(operatorId: number): RawLog {
  const args = { operatorId }
  return log(encodeEventTopics({ abi: abis.ServiceRegistry, eventName: 'ServiceRetired', args }), '', [])
}

describe('membership events', () => {
  const args = { idCommitment: 7n, holder: A }
  const base = { index: 3, idCommitment: 7n, holder: A, ledger: LEDGER }

  it('become changes', () => {
    const topics = (eventName: 'MemberRegistered' | 'MemberRenewed' | 'MemberExited' | 'MemberSlashed') =>
      encodeEventTopics({ abi: abis.MembershipRegistry, eventName, args })
    expect(
      membershipChange(
        log(topics('MemberRegistered'), 'uint32, uint16, uint40, uint32, bytes32', [3, 5, 99, 2, LEDGER]),
      ),
    ).toEqual({ kind: 'registered', ...base, rateLimit: 5, expiry: 99, home: 2 })
    expect(
      membershipChange(log(topics('MemberRenewed'), 'uint32, uint40, bytes32', [3, 99, LEDGER])),
    ).toEqual({ kind: 'renewed', ...base, expiry: 99 })
    expect(membershipChange(log(topics('MemberExited'), 'uint32, bytes32', [3, LEDGER]))).toEqual({
      kind: 'exited',
      ...base,
    })
    const slashed = 'uint32, uint256, address, uint256, uint256, bytes32'
    expect(membershipChange(log(topics('MemberSlashed'), slashed, [3, 11n, A, 1n, 1n, LEDGER]))).toEqual({
      kind: 'slashed',
      ...base,
      secret: 11n,
    })
  })

  it('of money alone are no changes', () => {
    const topics = encodeEventTopics({ abi: abis.MembershipRegistry, eventName: 'MemberWithdrawn', args })
    expect(membershipChange(log(topics, 'uint256', [1n]))).toBeUndefined()
  })

  it('from random bytes are refused with BAD_LOG, or decode', () => {
    const word = fc.uint8Array({ minLength: 32, maxLength: 32 })
    const known = encodeEventTopics({ abi: abis.MembershipRegistry, eventName: 'MemberSlashed', args })
    fc.assert(
      fc.property(fc.array(word, { maxLength: 4 }), fc.uint8Array(), fc.boolean(), (topics, data, real) => {
        const hex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`
        const raw = { topics: real ? known : topics.map(hex), data: hex(data) } as RawLog
        expect(refusal(() => membershipChange(raw))).toBeOneOf([undefined, 'BAD_LOG'])
        expect(refusal(() => servicesFrom([raw]))).toBeOneOf([undefined, 'BAD_LOG'])
      }),
    )
  })
})

function refusal(act: () => unknown): string | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    return error instanceof ChainError ? error.code : String(error)
  }
}

describe('service events', () => {
  it('keep the newest record of each operator, until it retires', async () => {
    const logs = [announced(1, 5), announced(2, 9), announced(1, 9), announced(3, 9), retired(2)]
    const records = servicesFrom(logs)
    expect([...records.keys()]).toEqual([1, 3])
    const record = records.get(1)!
    expect(record).toEqual({
      operatorId: 1,
      node: A,
      peerId: PEER_ID,
      multiaddrs: ADDRS,
      services: SERVICES.relay | SERVICES.store | SERVICES.filter | SERVICES.lightpush,
      clusterId: 9,
      priceHint: 42n,
    })
    expect(announceArgs(record)).toEqual([
      1,
      { peerId: '0x00250802', multiaddrs: ADDRS, services: 15, clusterId: 9, priceHint: 42n },
    ])
    const client = { getLogs: () => Promise.resolve([...logs, announced(4, 1)]) }
    expect((await readServices(client, A, { clusterId: 9 })).map((r) => r.operatorId)).toEqual([1, 3])
  })

  it('that cannot be read are a ChainError', async () => {
    const cause = new HttpRequestError({ url: 'http://127.0.0.1:1' })
    const client = { getLogs: () => Promise.reject(cause) }
    await expect(readServices(client, A)).rejects.toMatchObject({ detail: { code: 'UNREACHABLE' }, cause })
  })
})

describe('errors', () => {
  const data = encodeErrorResult({ abi: abis.Escrow, errorName: 'WrongState', args: [LEDGER, 3] })

  it.each([
    { where: 'as data', error: Object.assign(new Error('reverted'), { data }) },
    { where: 'as nested data', error: Object.assign(new Error('reverted'), { data: { data } }) },
    { where: 'deep in causes', error: new BaseError('a', { cause: Object.assign(new Error(), { data }) }) },
  ])('carry the custom error of a revert, found $where', ({ error }) => {
    expect(chainError(error).detail).toEqual({ code: 'REVERTED', error: 'WrongState', args: [LEDGER, 3] })
    expect(isRevert(error, 'WrongState')).toBe(true)
    expect(isRevert(error, 'BadTerms')).toBe(false)
  })

  it('know the errors of the token, whoever called it', () => {
    const args = [A, 1n, 2n] as const
    const inner = encodeErrorResult({ abi: abis.Token, errorName: 'ERC20InsufficientBalance', args })
    expect(isRevert(Object.assign(new Error(), { data: inner }), 'ERC20InsufficientBalance')).toBe(true)
  })

  it.each([
    { given: 'unknown revert data', error: { data: '0xdeadbeef00' }, code: 'REVERTED_UNKNOWN' },
    { given: 'a plain error', error: new Error('x'), code: 'RPC' },
    { given: 'no error at all', error: undefined, code: 'RPC' },
  ])('of $given have code $code', ({ error, code }) => {
    expect(chainError(error).code).toBe(code)
  })

  it('are not wrapped twice', () => {
    const error = chainError(new Error('x'))
    expect(chainError(error)).toBe(error)
  })
})

describe('local.json', () => {
  const contracts = Object.fromEntries(Object.keys(abis).map((name) => [name, A.toLowerCase()]))
  const node = { operator: 1, peerId: '16U', multiaddrs: ADDRS, apiUrl: 'http://127.0.0.1:1' }
  const good = {
    rpcUrl: 'http://127.0.0.1:8545',
    chainId: 31337,
    contracts,
    clusterId: 1984,
    shards: 8,
    nodes: [node],
  }

  it('is read, with checksummed addresses', () => {
    expect(LocalNetwork.parse(good).contracts.Escrow).toBe(A)
  })

  it.each([
    { given: 'a contract missing', bad: { contracts: { ...contracts, Escrow: undefined } } },
    { given: 'an address too short', bad: { contracts: { ...contracts, Escrow: '0x12' } } },
    { given: 'another scheme', bad: { rpcUrl: 'file:///etc/passwd' } },
    { given: 'no shards', bad: { shards: 0 } },
    { given: 'a node without a peer id', bad: { nodes: [{ ...node, peerId: '' }] } },
  ])('with $given is refused', ({ bad }) => {
    expect(LocalNetwork.safeParse({ ...good, ...bad }).success).toBe(false)
  })
})
