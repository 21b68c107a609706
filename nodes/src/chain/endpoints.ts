import { hexToNumber, RpcRequestError, type Hex } from 'viem'
import type { z } from 'zod'
import type { Logger } from 'pino'
import { agreedBlock, type Agreement, type Voter } from './agreed-block.ts'
import { Quantity, RawBlock, toRef } from './answers.ts'
import { askQuorum } from './ask-quorum.ts'
import { majorityOf, type ChainConfig } from './config.ts'
import { endpoint, type Endpoint, type EndpointStatus } from './endpoint.ts'
import { NodeChainError } from './errors.ts'
import type { BlockRef } from './head.ts'
import { jsonRpc } from './json-rpc.ts'

/** The RPC endpoints of the node, taken together: nothing counts that a quorum of them does not say. */
export interface Endpoints {
  readonly quorum: number
  /** The hash of block 0, once a quorum named it: an endpoint with another one is on another chain. */
  readonly genesisHash: Hex | undefined
  /** Asks all that are not set aside for their head and gives the newest block that a quorum has. @throws NodeChainError NO_QUORUM. */
  refresh(): Promise<BlockRef>
  /** As `refresh`, or what it gave last if that is younger than `pollMs`. */
  agreed(): Promise<BlockRef>
  /** As `refresh`, never with what was asked before this call: what a client has just seen mined is found. */
  fresh(): Promise<BlockRef>
  /** The endpoints that are heard at present. */
  usable(): Endpoint[]
  /** What a quorum answers. With `upTo`, only endpoints that have this block are asked, and who differs is set aside. */
  read<T>(request: ReadRequest<T>): Promise<T>
  status(): EndpointStatus[]
  /** The chain id of an endpoint on a chain that is not the configured one, if there are so many that no quorum is left. */
  foreignChain(): number | undefined
}

export interface ReadRequest<T> {
  readonly method: string
  readonly params: readonly unknown[]
  /** For endpoints that call `params` invalid. */
  readonly instead?: readonly unknown[]
  readonly schema: z.ZodType<T>
  readonly upTo?: bigint
}

export interface EndpointsInit {
  readonly chainId: number
  readonly rpcUrls: readonly string[]
  readonly config: Pick<
    ChainConfig,
    'pollMs' | 'timeoutMs' | 'retries' | 'quorum' | 'maxLagBlocks' | 'setAsideMs' | 'setAsideMaxMs'
  >
  readonly log: Logger
}

/** Builds the pool; nothing is asked before the first call. */
export function rpcEndpoints({ chainId, rpcUrls, config, log }: EndpointsInit): Endpoints {
  const { quorum = majorityOf(rpcUrls.length), maxLagBlocks, pollMs, timeoutMs } = config
  const all = rpcUrls.map((url) => endpoint(jsonRpc(url, config), { ...config, log }))
  const stallMs = Math.ceil(timeoutMs / 4)
  let genesisHash: Hex | undefined
  let current: BlockRef | undefined
  let refreshedAt = -Infinity
  let refreshing: Promise<BlockRef> | undefined
  let next: Promise<BlockRef> | undefined
  let turn = 0

  const usable = () => all.filter(({ state, head }) => state === 'ok' && head)

  /** Asks one for its chain, once, and for its head. False if it is no voter. */
  async function probe(one: Endpoint): Promise<boolean> {
    const before = one.head
    const block = await one.ask('eth_getBlockByNumber', ['latest', false], RawBlock)
    if (!block) return false
    one.head = toRef(block)
    if (before && one.head.number < before.number) one.identity = undefined // a reorganisation, or a new chain
    if (one.state !== 'ok') one.identity = undefined
    one.identity ??= {
      chainId: hexToNumber(await one.ask('eth_chainId', [], Quantity)),
      genesisHash: await genesisOf(one),
    }
    return one.identity.chainId === chainId
  }

  async function genesisOf(one: Endpoint): Promise<Hex> {
    const block = await one.ask('eth_getBlockByNumber', ['0x0', false], RawBlock)
    return block?.hash ?? '0x'
  }

  /** Waits for all, but not for the slow ones once a quorum has answered. Gives those that named the right chain. */
  async function probeDue(): Promise<Endpoint[]> {
    const due = usable().length < quorum ? all : all.filter((one) => one.due)
    const answered: Endpoint[] = []
    const enough = Promise.withResolvers<void>()
    const probes = due.map(async (one) => {
      const right = await probe(one).catch(() => undefined)
      if (right === false && one.identity && one.identity.chainId !== chainId) one.setAside('wrong chain')
      if (right) answered.push(one)
      if (answered.length >= quorum) setTimeout(enough.resolve, stallMs).unref()
    })
    await Promise.race([Promise.all(probes), enough.promise])
    return onThisChain([...answered])
  }

  /** Block 0 is what a quorum says it is; the others are on another chain. */
  function onThisChain(answered: readonly Endpoint[]): Endpoint[] {
    if (genesisHash === undefined) {
      const groups = Map.groupBy(answered, ({ identity }) => identity!.genesisHash)
      genesisHash = [...groups].find(([, group]) => group.length >= quorum)?.[0]
    }
    return answered.filter((one) => {
      const right = genesisHash === undefined || one.identity?.genesisHash === genesisHash
      if (!right) one.setAside('wrong chain')
      return right
    })
  }

  async function refreshNow(): Promise<BlockRef> {
    const voters = (await probeDue()).map(asVoter)
    const found = genesisHash && (await agreedBlock(voters, quorum, maxLagBlocks))
    if (!found) throw noQuorum('eth_getBlockByNumber', voters.length)
    const stepBack = await isStepBack(found, voters)
    judge(found, voters)
    if (!stepBack) {
      for (const { one } of found.agree) one.agreedTo = found.block.number
      current = found.block
    }
    refreshedAt = performance.now()
    return current!
  }

  function judge({ block, agree, contradict }: Agreement<HeadVoter>, voters: readonly HeadVoter[]): void {
    for (const { one } of contradict) one.setAside('contradicts')
    for (const { one } of agree) one.welcome()
    for (const { one, head } of voters) {
      if (head.number >= block.number) continue
      if (block.number - head.number > BigInt(maxLagBlocks)) one.setAside('lagging')
      else one.welcome()
    }
  }

  /**
   * Whether the newest common block is older than the one agreed on before only because an endpoint that had it is gone and another has not
   * come so far. It is a reorganisation if a quorum has another block in its place, or had it and is behind it now.
   */
  async function isStepBack(found: Agreement<HeadVoter>, voters: readonly HeadVoter[]): Promise<boolean> {
    const known = current
    if (!known || found.block.number >= known.number) return false
    const undone = await Promise.all(
      voters.map(async ({ one, head, blockAt }) => {
        if (head.number < known.number) return one.agreedTo >= known.number
        const block = await blockAt(known.number)
        return block !== undefined && block.hash !== known.hash
      }),
    )
    return undone.filter(Boolean).length < quorum
  }

  function noQuorum(method: string, answers: number): NodeChainError {
    return new NodeChainError(
      `${answers} of ${all.length} RPC endpoints answer for this chain, and no ${quorum} of them agree on a block`,
      { code: 'NO_QUORUM', method, quorum, agreed: answers, answers },
    )
  }

  const refresh = () => (refreshing ??= refreshNow().finally(() => (refreshing = undefined)))
  const refreshNext = async () => {
    await refreshing?.catch(() => undefined)
    next = undefined
    return await refresh()
  }
  const isFresh = () => performance.now() - refreshedAt < pollMs && usable().length >= quorum

  return {
    quorum,
    get genesisHash() {
      return genesisHash
    },
    refresh,
    agreed: async () => (current && isFresh() ? current : await refresh()),
    fresh: () => (next ??= refreshNext()),
    usable,
    async read({ method, params, instead, schema, upTo }) {
      if (!isFresh()) await refresh()
      const able = usable().filter(({ head }) => upTo === undefined || head!.number >= upTo)
      const first = turn++ % Math.max(1, able.length)
      return await askQuorum({
        method,
        voters: [...able.slice(first), ...able.slice(0, first)],
        quorum,
        stallMs,
        ask: (one) =>
          one.ask(method, params, schema).catch((err: unknown) => {
            if (instead && isInvalidParams(err)) return one.ask(method, instead, schema)
            throw err
          }),
        contradicted: (one) => {
          if (upTo !== undefined) one.setAside('contradicts')
        },
      })
    },
    status: () =>
      all.map(({ host, state, head }) => ({
        host,
        state,
        ...(head && current ? { lag: Math.max(0, Number(current.number - head.number)) } : {}),
      })),
    foreignChain() {
      const foreign = all.filter(({ state }) => state === 'wrong chain')
      return all.length - foreign.length < quorum ? foreign[0]?.identity?.chainId : undefined
    },
  }
}

/** What endpoints say that do not take a block by its hash (EIP-1898). */
function isInvalidParams(err: unknown): boolean {
  return err instanceof RpcRequestError && err.code === -32_602
}

interface HeadVoter extends Voter {
  readonly one: Endpoint
}

/** Remembers what it asked for as long as the round lasts. */
function asVoter(one: Endpoint): HeadVoter {
  const head = one.head!
  const asked = new Map<bigint, Promise<BlockRef | undefined>>([[head.number, Promise.resolve(head)]])
  return {
    one,
    head,
    blockAt(number) {
      const known = asked.get(number)
      if (known) return known
      const block = one
        .ask('eth_getBlockByNumber', [`0x${number.toString(16)}`, false], RawBlock)
        .then((raw) => (raw ? toRef(raw) : undefined))
        .catch(() => undefined)
      asked.set(number, block)
      return block
    },
  }
}
