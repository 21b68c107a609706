import { getAddress, numberToHex, type Hex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { beforeEach, describe, expect, it } from 'vitest'
import { encodeBucket, encodeRoots } from '@teahouse/protocol/member'
import { cutBucket, membershipTree, rateCommitment, rootOfPath, signRoots } from '@teahouse/protocol/rln'
import { MemberRequest, MemberResponse } from '@teahouse/protocol/wire'
import { createAccount } from '../account/account.ts'
import { createLightView, type LightViewDeps } from './light-view.ts'

const account = createAccount()
const REGISTRY = getAddress(numberToHex(9, { size: 20 }))
const INDEX = 5_000
const LIMIT = 20
const WINDOW = 60
const ACTIVE = { index: INDEX, rateLimit: LIMIT, expiry: 2_000, active: true }
const hashOf = (block: number): Hex => numberToHex(block, { size: 32 })

type Tree = ReturnType<typeof membershipTree>

/** A node that knows the members after each block; `bucketOf` is what it makes of the tree for a bucket. */
function node(operatorId: number, { bucketOf = (tree: Tree) => tree } = {}) {
  const key = privateKeyToAccount(generatePrivateKey())
  const asked: string[] = []
  async function answer(request: MemberRequest): Promise<Partial<MemberResponse>> {
    if (request.bucket) {
      asked.push('bucket')
      const { number } = request.bucket
      const bucket = cutBucket(bucketOf(state.tree), number)
      return {
        bucket: encodeBucket({ bucket, blockNumber: BigInt(state.block), blockHash: hashOf(state.block) }),
      }
    }
    asked.push('roots')
    const said = {
      blockNumber: BigInt(state.block),
      blockHash: hashOf(state.block),
      roots: [numberToHex(state.tree.root, { size: 32 })],
      ledgerHash: hashOf(1_000),
      memberCount: INDEX + 1,
    }
    const signature = await signRoots(key, REGISTRY, 31337, said)
    const roots = encodeRoots({ ...said, chainId: 31337, registry: REGISTRY, node: key.address, signature })
    return { roots }
  }
  return { operatorId, peerId: `peer ${operatorId}`, node: key.address, asked, answer }
}

let state: { tree: Tree; block: number }
let nodes: ReturnType<typeof node>[]
let own: { known: typeof ACTIVE | undefined; onChain: typeof ACTIVE | undefined; asked: number }
let nowMs: number

beforeEach(() => {
  const tree = membershipTree()
  tree.set(INDEX, rateCommitment(account.rln.commitment, LIMIT))
  state = { tree, block: 10 }
  nodes = [1, 2, 3].map((id) => node(id))
  own = { known: ACTIVE, onChain: ACTIVE, asked: 0 }
  nowMs = 1_000_000
})

function view() {
  const read = { epochSeconds: 60, rootWindow: WINDOW, term: 1, grace: 100, exitDelay: 1, commitMinBlocks: 1 }
  const all = { ...read, commitMaxAge: 1, depositPerMessage: 1n, feePerMessage: 1n, rlnIdentifier: '0x' }
  const reads = Object.fromEntries(Object.entries(all).map(([name, value]) => [name, async () => value]))
  return createLightView({
    chain: {
      network: { chainId: 31337, contracts: { MembershipRegistry: REGISTRY } },
      contracts: { MembershipRegistry: { address: REGISTRY, read: reads } },
      read: (_action: string, task: () => unknown) => task(),
    },
    account,
    directory: { recent: async () => nodes },
    peer: {
      async request(of: { peerId: string }, _protocol: string, bytes: Uint8Array) {
        const asked = nodes.find(({ peerId }) => peerId === of.peerId)!
        const answer = await asked.answer(MemberRequest.decode(bytes))
        return MemberResponse.encode({ requestId: '', statusCode: 200, ...answer })
      },
    },
    own: {
      known: async () => own.known,
      refresh: async () => (own.asked++, own.onChain),
    },
    now: () => nowMs,
    waits: { retryMs: 1, retries: 1 },
  } as unknown as LightViewDeps)
}

const buckets = () => nodes.flatMap(({ asked }) => asked).filter((what) => what === 'bucket').length

describe('the light view', () => {
  it('has the path of its own leaf under the root that three signed', async () => {
    const { membersOf, path, memberCount } = await view().update()
    const [member] = membersOf(account.rln.commitment)
    expect(member).toMatchObject({ index: INDEX, rateLimit: LIMIT, state: 'active', active: true })
    expect(path(INDEX)).toEqual(state.tree.path(INDEX))
    expect(rootOfPath(rateCommitment(account.rln.commitment, LIMIT), path(INDEX))).toBe(state.tree.root)
    expect(memberCount).toBe(INDEX + 1)
    expect(membersOf(7n)).toEqual([])
    expect(own.asked).toBe(0)
  })

  it('asks for its bucket only when the root has changed', async () => {
    const light = view()
    await light.update()
    state.block++
    await light.update()
    expect(buckets()).toBe(1)
    state.tree.set(3, 1n)
    state.block++
    expect((await light.update()).path(INDEX)).toEqual(state.tree.path(INDEX))
    expect(buckets()).toBe(2)
  })

  it('knows which roots still count, from when it last saw them as the newest', async () => {
    const light = view()
    await light.update()
    const first = state.tree.root
    state.tree.set(3, 1n)
    nowMs += 10_000
    const { isValidRoot } = await light.update()
    expect(isValidRoot(first, 1_000 + WINDOW)).toBe(true)
    expect(isValidRoot(first, 1_001 + WINDOW)).toBe(false)
    expect(isValidRoot(state.tree.root, 1_010 + WINDOW)).toBe(true)
    expect(isValidRoot(5n, 0)).toBe(false)
  })

  it('goes on to another node when a bucket is not of the signed root', async () => {
    const lie = (tree: Tree) => {
      const other = membershipTree()
      other.set(INDEX, tree.leaf(INDEX))
      other.set(INDEX + 1, 99n)
      return other
    }
    nodes = [node(1, { bucketOf: lie }), node(2, { bucketOf: lie }), node(3)]
    for (let times = 0; times < 3; times++)
      expect((await view().update()).path(INDEX)).toEqual(state.tree.path(INDEX))
    nodes = [1, 2, 3].map((id) => node(id, { bucketOf: lie }))
    await expect(view().update()).rejects.toMatchObject({
      code: 'NO_BUCKET',
      detail: { failures: { length: 3 } },
    })
  })

  it('agrees anew when the tree moves on while it asks', async () => {
    let moved = false
    const move = (tree: Tree) => {
      if (!moved) {
        moved = true
        tree.set(2, 8n)
        state.block++
      }
      return tree
    }
    nodes = [1, 2, 3].map((id) => node(id, { bucketOf: move }))
    expect((await view().update()).path(INDEX)).toEqual(state.tree.path(INDEX))
  })

  it('asks the chain when its leaf is gone', async () => {
    state.tree.set(INDEX, 0n)
    own.onChain = { ...ACTIVE, active: false }
    const left = await view().update()
    expect(left.membersOf(account.rln.commitment)).toMatchObject([{ state: 'exited', active: false }])
    expect(() => left.path(INDEX)).toThrow(expect.objectContaining({ code: 'NO_LEAF' }) as Error)
    own.onChain = { ...ACTIVE, expiry: 100 }
    const over = await view().update()
    expect(over.membersOf(account.rln.commitment)).toMatchObject([{ state: 'expired' }])
    own.onChain = ACTIVE
    await expect(view().update()).rejects.toMatchObject({ code: 'NO_LEAF', detail: { index: INDEX } })
  })

  it('knows nobody before the account has joined', async () => {
    own = { known: undefined, onChain: undefined, asked: 0 }
    const { membersOf } = await view().update()
    expect(membersOf(account.rln.commitment)).toEqual([])
    expect(buckets()).toBe(0)
  })
})
