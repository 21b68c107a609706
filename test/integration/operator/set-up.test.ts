import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hexToBytes, parseEther } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { announceArgs } from '@teahouse/protocol/chain'
import { ensureNodeKey, newIdentity } from '@teahouse/nodes'
import { registryReader } from '../../../nodes/src/discovery/registry-reader.ts'
import { setUpOperator } from '../../../scripts/start/set-up-operator.ts'
import {
  CLUSTER_ID,
  mined,
  newWallet,
  startChain,
  TEA,
  type TestChain,
  type TestWallet,
} from '../../support/index.ts'

let chain: TestChain
let owner: TestWallet
beforeAll(async () => {
  chain = await startChain()
  owner = await newWallet(chain, 10_000n * TEA)
})
afterAll(() => chain?.stop())

const payee = privateKeyToAccount(generatePrivateKey()).address
const newNode = async () =>
  ensureNodeKey(join(await mkdtemp(join(tmpdir(), 'teahouse-operator-')), 'node.key'))
/** Identity multihash of a secp256k1 public key in libp2p's protobuf. */
const peerIdOf = (privateKey: `0x${string}`) =>
  Uint8Array.from([0, 0x25, 8, 2, 0x12, 0x21, ...secp256k1.getPublicKey(hexToBytes(privateKey), true)])

async function setUp(node: `0x${string}`, stake = 100n * TEA, wallet = owner) {
  const { client: publicClient, contracts } = chain
  const common = { publicClient, contracts, node, payee, stake, nodeBalance: parseEther('0.1') }
  const membership = { commitment: newIdentity().commitment, rateLimit: 10 }
  return { membership, ...(await setUpOperator({ ...common, wallet: wallet.wallet, membership })) }
}

describe('setUpOperator', () => {
  it('creates the operator, stakes, registers the membership of the node and funds its key', async () => {
    const { account } = await newNode()
    const { operatorId, membership, steps } = await setUp(account.address)
    expect(await chain.at.OperatorStaking.read.operator([operatorId])).toMatchObject({
      owner: owner.account.address,
      node: account.address,
      payee,
      staked: 100n * TEA,
    })
    const member = await chain.at.MembershipRegistry.read.member([
      membership.commitment,
      owner.account.address,
    ])
    expect(member).toMatchObject({ state: 1, rateLimit: 10, home: operatorId })
    expect(await chain.client.getBalance({ address: account.address })).toBe(parseEther('0.1'))
    expect(steps.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['createOperator', 'stake', 'register', 'fundNode']),
    )
    expect(steps.every(({ gasUsed }) => gasUsed > 0n)).toBe(true)
  })

  it('run again does only what is missing', async () => {
    const { account } = await newNode()
    const { client: publicClient, contracts } = chain
    const common = { wallet: owner.wallet, publicClient, contracts, node: account.address, payee }
    const first = await setUpOperator({ ...common, stake: 100n * TEA })
    expect(await setUpOperator({ ...common, stake: 100n * TEA })).toEqual({
      operatorId: first.operatorId,
      steps: [],
    })
    const more = await setUpOperator({ ...common, stake: 150n * TEA })
    expect(more.steps.map(({ name }) => name)).toEqual(['approve', 'stake'])
    expect((await chain.at.OperatorStaking.read.operator([first.operatorId])).staked).toBe(150n * TEA)
  })

  it('fails with the error of the contract or of the chain', async () => {
    const poor = await newWallet(chain, 0n)
    const { account } = await newNode()
    await expect(setUp(account.address, 100n * TEA, poor)).rejects.toMatchObject({ code: 'REVERTED' })
  })
})

describe('an announcement in the registry', () => {
  const reader = () =>
    registryReader(chain.client, chain.contracts, { clusterId: CLUSTER_ID, fromBlock: 0n, blockRange: 7n })
  const faultOf = async (id: number) => (await reader().read()).find(({ record }) => record.operatorId === id)

  async function announced(peerId?: Uint8Array, clusterId = CLUSTER_ID) {
    const { privateKey, account } = await newNode()
    const { operatorId } = await setUp(account.address)
    const record = {
      operatorId,
      peerId: peerId ?? peerIdOf(privateKey),
      multiaddrs: ['/ip4/127.0.0.1/tcp/1'],
      services: 15,
      clusterId,
      priceHint: 0n,
    }
    await mined(chain, owner.at.ServiceRegistry.write.announce(announceArgs(record)))
    return { operatorId, node: account.address }
  }

  it('is trusted when stake and keys are what they should be', async () => {
    const { operatorId, node } = await announced()
    expect(await faultOf(operatorId)).toMatchObject({ fault: undefined, record: { node } })
  })

  it('of another cluster is not seen', async () => {
    const { operatorId } = await announced(undefined, 7)
    expect(await faultOf(operatorId)).toBeUndefined()
  })

  it.each([
    {
      given: 'with the peer id of another key',
      peerId: () => peerIdOf(generatePrivateKey()),
      fault: 'KEY_MISMATCH',
    },
    { given: 'with a peer id that is none', peerId: () => Uint8Array.of(1, 2, 3), fault: 'BAD_PEER_ID' },
  ])('$given is not trusted: $fault', async ({ peerId, fault }) => {
    const { operatorId } = await announced(peerId())
    expect(await faultOf(operatorId)).toMatchObject({ fault })
  })

  it('is not trusted any more when its stake leaves: STAKE_TOO_LOW', async () => {
    const { operatorId } = await announced()
    await mined(chain, owner.at.OperatorStaking.write.thaw([operatorId, 0, 1n]))
    expect(await faultOf(operatorId)).toMatchObject({ fault: 'STAKE_TOO_LOW' })
  })

  it('is not trusted any more when the operator has another node key: NODE_REPLACED', async () => {
    const { operatorId } = await announced()
    await mined(
      chain,
      owner.at.OperatorStaking.write.setKeys([operatorId, (await newNode()).account.address, payee]),
    )
    expect(await faultOf(operatorId)).toMatchObject({ fault: 'NODE_REPLACED' })
  })
})
