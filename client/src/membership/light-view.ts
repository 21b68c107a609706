import {
  BUCKET_DEPTH,
  openBucket,
  rateCommitment,
  TREE_DEPTH,
  type Member,
  type OpenBucket,
} from '@teahouse/protocol/rln'
import { memberCalls } from '@teahouse/protocol/member'
import { PROTOCOLS } from '@teahouse/protocol/wire'
import type { Account } from '../account/account.ts'
import type { Chain } from '../chain/chain.ts'
import type { Directory } from '../net/directory.ts'
import type { Peer } from '../net/peer.ts'
import { LightViewError, type NodeFailure } from './errors.ts'
import type { OwnMembership, ownMembership } from './own-membership.ts'
import { type LedgerView, type MemberView, paramsReader } from './view.ts'
import { agree, type Agreement, type Witness, type WitnessOptions } from './witnesses.ts'

export interface LightViewDeps {
  readonly chain: Chain
  readonly account: Account
  readonly directory: Pick<Directory, 'recent'>
  readonly peer: Pick<Peer, 'request'>
  readonly own: ReturnType<typeof ownMembership>
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Operator ids to choose from; all with stake without it. */
  readonly operators?: readonly number[] | undefined
  readonly waits?: Partial<WitnessOptions> | undefined
}

/** Times that the nodes' trees may move on between two questions. */
const ATTEMPTS = 4
const WAITS: WitnessOptions = { retryMs: 700, retries: 6 }

interface Held {
  readonly number: number
  readonly opened: OpenBucket
}

/**
 * The account's place among the members without reading all of them: three operators sign the root of one block, and
 * any node gives the bucket of 2^12 leaves around the account's own, which has to hash up to that root. Knows no other
 * membership than the one that this account holds itself.
 */
export function createLightView(deps: LightViewDeps): LedgerView {
  const { chain, account, own, now } = deps
  const params = paramsReader(chain)
  const waits = { ...WAITS, ...deps.waits }
  /** Roots that three operators signed → when they were last the newest (unix seconds). */
  const agreed = new Map<bigint, number>()
  let held: Held | undefined
  let last: Promise<unknown> = Promise.resolve()

  async function witnesses(): Promise<Witness[]> {
    const { operators } = deps
    const { chainId, contracts } = chain.network
    const network = { chainId, registry: contracts.MembershipRegistry }
    const nodes = (await deps.directory.recent()).filter(
      ({ operatorId }) => operators === undefined || operators.includes(operatorId),
    )
    return shuffled(nodes).map((node) => {
      const exchange = (bytes: Uint8Array, { maxBytes }: { readonly maxBytes: number }) =>
        deps.peer.request(node, PROTOCOLS.member, bytes, { maxBytes })
      return {
        peerId: node.peerId,
        operatorId: node.operatorId,
        calls: memberCalls(exchange, node.node, network),
      }
    })
  }

  async function fetchBucket(
    number: number,
    { roots, witnesses: asked }: Agreement,
  ): Promise<Held | undefined> {
    const root = rootOf(number, roots.roots)
    if (held?.number === number && held.opened.root === root) return held
    const failures: NodeFailure[] = []
    for (const { peerId, calls } of shuffled(asked)) {
      try {
        const { bucket, blockHash } = await calls.bucket(number)
        const opened = openBucket(bucket)
        if (opened.root === root) return { number, opened }
        if (blockHash !== roots.blockHash) return undefined // the tree has moved on: agree again
        failures.push({ peerId, reason: 'its bucket does not hash up to the root that it signed' })
      } catch (error) {
        failures.push({ peerId, reason: error instanceof Error ? error.message : String(error) })
      }
    }
    const text = `No node gave the leaves of bucket ${number} under the root that all signed`
    throw new LightViewError(text, { code: 'NO_BUCKET', bucket: number, failures })
  }

  async function hold(number: number): Promise<{ agreement: Agreement; bucket: Held }> {
    for (let attempt = 1; ; attempt++) {
      const agreement = await agree(await witnesses(), waits)
      const bucket = await fetchBucket(number, agreement)
      if (bucket) return { agreement, bucket }
      if (attempt < ATTEMPTS) continue
      const failures = [{ peerId: 'all', reason: 'the tree changes faster than it can be read' }]
      throw new LightViewError('The members keep changing', { code: 'NO_BUCKET', bucket: number, failures })
    }
  }

  async function update(): Promise<MemberView> {
    let mine: (OwnMembership & { readonly active?: boolean }) | undefined =
      (await own.known()) ?? (await own.refresh())
    if (!mine) return await nobody()
    for (let asked = false; ; asked = true) {
      const { agreement, bucket } = await hold(Math.floor(mine.index / 2 ** BUCKET_DEPTH))
      held = bucket
      agreed.set(bucket.opened.root, now() / 1_000)
      const leaf = bucket.opened.leaf(mine.index)
      const active = leaf === rateCommitment(account.rln.commitment, mine.rateLimit)
      if (active) return await viewOf(mine, 'active', agreement, bucket.opened)
      // Left, expired, or so new that the nodes' block does not have it: the chain knows.
      mine = await own.refresh()
      if (!mine) return await nobody()
      const { graceSeconds } = await params()
      const over = now() / 1_000 > mine.expiry + graceSeconds
      if (!mine.active || over) return await viewOf(mine, over ? 'expired' : 'exited', agreement, undefined)
      if (asked) {
        const text = `The nodes do not know membership ${mine.index} yet`
        throw new LightViewError(text, { code: 'NO_LEAF', index: mine.index })
      }
      await new Promise((resolve) => setTimeout(resolve, 2 * waits.retryMs))
    }
  }

  async function nobody(): Promise<MemberView> {
    const { roots } = await agree(await witnesses(), waits)
    return viewOf(undefined, 'expired', { roots }, undefined)
  }

  async function viewOf(
    mine: OwnMembership | undefined,
    state: Member['state'],
    { roots }: Pick<Agreement, 'roots'>,
    bucket: OpenBucket | undefined,
  ): Promise<MemberView> {
    const { rootWindowSeconds } = await params()
    const { commitment } = account.rln
    const member: Member | undefined = mine && {
      ...mine,
      idCommitment: commitment,
      holder: account.address,
      state,
      active: state === 'active',
    }
    return {
      memberCount: roots.memberCount,
      membersOf: (asked) => (member && asked === commitment ? [member] : []),
      path(index) {
        if (bucket) return bucket.path(index)
        throw new LightViewError('This account has no leaf', { code: 'NO_LEAF', index })
      },
      // Counted from when a root was last seen as the newest: never longer than nodes accept it.
      isValidRoot: (root, nowSeconds) => nowSeconds <= (agreed.get(root) ?? -Infinity) + rootWindowSeconds,
    }
  }

  return {
    params,
    /** Throws LightViewError, CallError. */
    update(): Promise<MemberView> {
      const result = last.then(update)
      last = result.catch(() => undefined)
      return result
    },
  }
}

function rootOf(bucket: number, roots: readonly `0x${string}`[]): bigint {
  const root = roots[Math.floor(bucket / 2 ** (TREE_DEPTH - BUCKET_DEPTH))]
  if (root !== undefined) return BigInt(root)
  const failures = [{ peerId: 'all', reason: 'their trees end before it' }]
  throw new LightViewError(`There is no bucket ${bucket}`, { code: 'NO_BUCKET', bucket, failures })
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, rank: crypto.getRandomValues(new Uint32Array(1))[0]! }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item)
}
