import {
  abis,
  announceArgs,
  contractsAt,
  GAS,
  type LocalNetwork,
  type ServiceRecord,
} from '@teahouse/protocol/chain'
import { formatEther, isAddressEqual, parseEventLogs, zeroHash, type Address, type LocalAccount } from 'viem'
import { toAccount } from 'viem/accounts'
import { formatAmount } from '../amounts.ts'
import type { Call } from '../chain/call.ts'
import { createChain } from '../chain/chain.ts'
import { requireTokens, tokenBalance } from '../chain/token.ts'
import { OperatorError } from './errors.ts'
import { GENERAL_SERVICE, readOperator, type OperatorState } from './state.ts'
import { maxGasPrice, prepared, type PreparedSteps, type Step } from './steps.ts'

export type OperatorRecord = Omit<ServiceRecord, 'node' | 'operatorId'>

export interface OperatorKeys {
  readonly node: Address
  readonly payee: Address
}

export interface StakeOptions extends OperatorKeys {
  /** 0 makes a new operator. */
  readonly id: number
  readonly amount: bigint
  /** Told the id of a new operator as soon as it is known. */
  readonly onCreated?: (id: number) => void
}

export interface RegisterOptions {
  readonly id: number
  readonly record: OperatorRecord
  /** The node's own RLN membership, under which it sends what comes without a proof. Its holder is the owner. */
  readonly membership?: { readonly commitment: bigint; readonly rateLimit: number } | undefined
  /** Wei that the node key shall have at least, for its own transactions. */
  readonly nodeCoins: bigint
}

export interface RotateOptions extends OperatorKeys {
  readonly id: number
  /** What a new node announces, if the old one did. */
  readonly record?: OperatorRecord | undefined
  readonly nodeCoins: bigint
}

export type OperatorConnection = Awaited<ReturnType<typeof connectOperator>>

export interface OperatorOptions {
  readonly network: LocalNetwork
  /** The owner's key; its address is enough to read. */
  readonly account: LocalAccount | Address
}

/**
 * What an owner does with an operator on chain. Whatever changes the chain is prepared first, with what it costs; what has been done before is
 * left out, so that everything can be run again. @throws CallError NO_CHAIN, WRONG_CHAIN.
 */
export async function connectOperator({ network, account }: OperatorOptions) {
  const chain = createChain(network, typeof account === 'string' ? toAccount(account) : account)
  await chain.check()
  const { reader } = chain
  const contracts = contractsAt(network.contracts, reader)
  const owner = chain.account.address

  const call = (
    name: Step['name'],
    does: string,
    gas: bigint | number,
    what: Omit<Call, 'action'>,
  ): Step => ({
    name,
    does,
    gas: BigInt(gas),
    tokens: 0n,
    coins: 0n,
    send: () => chain.write({ action: does, ...what }),
  })

  /** The operator of this owner that has `node` as its node key; 0 if there is none. */
  async function find(node: Address): Promise<number> {
    const known = await chain.read('look for the operator', () =>
      contracts.OperatorStaking.read.operatorOf([node]),
    )
    if (known !== 0 && isAddressEqual((await state(known)).owner, owner)) return known
    const created = await chain.read('look for the operator', () =>
      contracts.OperatorStaking.getEvents.OperatorCreated(
        { owner, node },
        { fromBlock: 0n, toBlock: 'latest' },
      ),
    )
    return created.at(-1)?.args.id ?? 0
  }

  const state = (id: number): Promise<OperatorState> => readOperator(chain, id)

  async function owned(id: number): Promise<OperatorState> {
    const found = await state(id)
    if (isAddressEqual(found.owner, owner)) return found
    const message = `Operator ${id} belongs to ${found.owner}, not to ${owner}`
    throw new OperatorError(message, {
      code: 'NOT_OWNER',
      operatorId: id,
      owner: found.owner,
      account: owner,
    })
  }

  async function approval(
    spender: 'OperatorStaking' | 'MembershipRegistry',
    amount: bigint,
  ): Promise<Step[]> {
    const to = contracts[spender].address
    const allowed = await chain.read('read the allowance', () => contracts.Token.read.allowance([owner, to]))
    if (allowed >= amount) return []
    const args = [to, amount] as const
    const gas = await chain.read('estimate the gas of an approval', () =>
      contracts.Token.estimateGas.approve(args, { account: owner }),
    )
    const does = `allow ${spender} to take ${formatAmount(amount)} tokens`
    return [call('approve', does, gas, { contract: 'Token', functionName: 'approve', args })]
  }

  async function funding(to: Address, wanted: bigint): Promise<Step[]> {
    const has = await chain.read('read the balance', () => reader.getBalance({ address: to }))
    const missing = wanted - has
    if (missing <= 0n) return []
    const gas = await chain.read('estimate the gas of a transfer', () =>
      reader.estimateGas({ account: owner, to, value: 0n }),
    )
    const does = `send ${formatEther(missing)} coins to the node key, for its gas`
    return [
      { name: 'fundNode', does, gas, tokens: 0n, coins: missing, send: () => chain.sendCoins(to, missing) },
    ]
  }

  async function announcement(id: number, record: OperatorRecord): Promise<Step> {
    return call('announce', 'announce the node', GAS.ServiceRegistry.announce, {
      contract: 'ServiceRegistry',
      functionName: 'announce',
      args: announceArgs({ operatorId: id, ...record }),
    })
  }

  /** Adds `amount` to the operator's own stake; without an operator, makes it first. Throws CallError NOT_ENOUGH_TOKENS, OperatorError. */
  async function stake({ id: known, node, payee, amount, onCreated }: StakeOptions): Promise<PreparedSteps> {
    if (known !== 0) await owned(known)
    await requireTokens(chain, amount)
    let id = known
    const create: Step = {
      ...call('createOperator', 'create the operator', GAS.OperatorStaking.createOperator, {
        contract: 'OperatorStaking',
        functionName: 'createOperator',
        args: [node, payee, contracts.MembershipRegistry.address],
      }),
    }
    const send = async () => {
      const done = await create.send()
      const { logs } = await chain.read('read the new operator', () =>
        reader.getTransactionReceipt({ hash: done.hash }),
      )
      id = parseEventLogs({ abi: abis.OperatorStaking, eventName: 'OperatorCreated', logs })[0]!.args.id
      onCreated?.(id)
      return done
    }
    const add: Step = {
      name: 'stake',
      does: `stake ${formatAmount(amount)} tokens`,
      gas: BigInt(GAS.OperatorStaking.stake),
      tokens: amount,
      coins: 0n,
      send: () =>
        chain.write({
          action: 'stake',
          contract: 'OperatorStaking',
          functionName: 'stake',
          args: [id, GENERAL_SERVICE, amount],
        }),
    }
    const first = known === 0 ? [{ ...create, send }] : []
    return prepared(chain, [...first, ...(await approval('OperatorStaking', amount)), add])
  }

  async function joining(
    id: number,
    { commitment, rateLimit }: NonNullable<RegisterOptions['membership']>,
  ): Promise<Step[]> {
    const { state: member } = await chain.read('read the membership of the node', () =>
      contracts.MembershipRegistry.read.member([commitment, owner]),
    )
    if (member !== 0) return []
    const [deposit, fee] = await chain.read('read the price of a membership', () =>
      contracts.MembershipRegistry.read.price([rateLimit]),
    )
    const price = deposit + fee
    await requireTokens(chain, price)
    const does = `join for the node: ${formatAmount(deposit)} tokens of deposit, ${formatAmount(fee)} of fee`
    const join = call('join', does, GAS.MembershipRegistry['register, as a gift and with a home'], {
      contract: 'MembershipRegistry',
      functionName: 'register',
      args: [commitment, rateLimit, owner, id, price],
    })
    return [...(await approval('MembershipRegistry', price)), { ...join, tokens: price }]
  }

  /** Joins for the node, gives its key coins, and announces where it is. Throws OperatorError NOT_OWNER, STAKE_TOO_LOW; CallError. */
  async function register({ id, record, membership, nodeCoins }: RegisterOptions): Promise<PreparedSteps> {
    const { node, staked, minimum } = await owned(id)
    if (staked < minimum) {
      const message = `${formatAmount(staked)} tokens are staked, and ${formatAmount(minimum)} are needed to announce a node`
      throw new OperatorError(message, { code: 'STAKE_TOO_LOW', staked, minimum })
    }
    const join = membership ? await joining(id, membership) : []
    return prepared(chain, [...join, ...(await funding(node, nodeCoins)), await announcement(id, record)])
  }

  async function retirement(id: number): Promise<Step[]> {
    const record = await chain.read('read the announcement', () =>
      contracts.ServiceRegistry.read.recordHash([id]),
    )
    if (record === zeroHash) return []
    const gas = await chain.read('estimate the gas of a retirement', () =>
      contracts.ServiceRegistry.estimateGas.retire([id], { account: owner }),
    )
    const args = [id]
    return [
      call('retire', 'take the announcement back', gas, {
        contract: 'ServiceRegistry',
        functionName: 'retire',
        args,
      }),
    ]
  }

  /**
   * Starts moving stake out; all of it unless `amount` says less. What would be left below the minimum can't serve, so the announcement is
   * taken back first. Throws OperatorError NOTHING_STAKED, TOO_MUCH, NOT_OWNER.
   */
  async function unstake({
    id,
    amount,
  }: {
    readonly id: number
    readonly amount?: bigint | undefined
  }): Promise<PreparedSteps> {
    const { tokens, thawing, minimum, staked } = await owned(id)
    const free = tokens - thawing
    const moved = amount ?? free
    if (free === 0n)
      throw new OperatorError(`Operator ${id} has no stake`, { code: 'NOTHING_STAKED', operatorId: id })
    if (moved > free) {
      const message = `${formatAmount(free)} tokens are staked and don't thaw yet`
      throw new OperatorError(message, { code: 'TOO_MUCH', asked: moved, staked: free })
    }
    const retire = staked - moved < minimum ? await retirement(id) : []
    const thaw = call('thaw', `thaw ${formatAmount(moved)} tokens`, GAS.OperatorStaking.thaw, {
      contract: 'OperatorStaking',
      functionName: 'thaw',
      args: [id, GENERAL_SERVICE, moved],
    })
    return prepared(chain, [...retire, thaw])
  }

  /** Replaces node and payee keys; stake, id and good standing stay. Nothing to do if they are those already. Throws OperatorError. */
  async function rotate({ id, node, payee, record, nodeCoins }: RotateOptions): Promise<PreparedSteps> {
    const before = await owned(id)
    const isDone = isAddressEqual(before.node, node) && isAddressEqual(before.payee, payee)
    const keys = call('setKeys', `name ${node} as node and ${payee} as payee`, GAS.OperatorStaking.setKeys, {
      contract: 'OperatorStaking',
      functionName: 'setKeys',
      args: [id, node, payee],
    })
    const steps = [...(await funding(node, nodeCoins)), ...(isDone ? [] : [keys])]
    return prepared(chain, record ? [...steps, await announcement(id, record)] : steps)
  }

  return {
    owner,
    network,
    find,
    state,
    stake,
    register,
    unstake,
    rotate,
    /** What an address has: coins in wei, tokens in their smallest unit. */
    async balances(address: Address) {
      const [coins, tokens] = await Promise.all([
        chain.read('read the balance', () => reader.getBalance({ address })),
        tokenBalance(chain, address),
      ])
      return { coins, tokens }
    },
    gasPrice: () => maxGasPrice(chain),
    /** Gas of what no contract of ours does. */
    gasOfOthers: () =>
      chain.read('estimate gas', async () => {
        const spender = contracts.OperatorStaking.address
        const [approveGas, transferGas] = await Promise.all([
          contracts.Token.estimateGas.approve([spender, 1n], { account: owner }),
          reader.estimateGas({ account: owner, to: owner, value: 0n }),
        ])
        return { approveGas, transferGas }
      }),
    head: chain.head,
    /** Gas in wei for `sendCoins`; all coins but that. For a key that serves no longer. */
    sendAllCoins: chain.sendAllCoins,
    /** How many transactions a key has sent, and since when (unix seconds) it is the operator's node key; 0 if it is not. */
    async activity(id: number, node: Address): Promise<{ transactions: number; since: number }> {
      const [transactions, [since]] = await chain.read('read what the node key has sent', () =>
        Promise.all([
          reader.getTransactionCount({ address: node }),
          contracts.OperatorStaking.read.nodeKeySpan([id, node]),
        ]),
      )
      return { transactions, since }
    },
    price: (rateLimit: number) =>
      chain.read('read the price of a membership', async () => {
        const [deposit, fee] = await contracts.MembershipRegistry.read.price([rateLimit])
        return { deposit, fee }
      }),
    minimumStake: () =>
      chain.read('read the minimum stake', () => contracts.OperatorStaking.read.minimumStake()),
    thawSeconds: () =>
      chain.read('read the delay of a thaw', () => contracts.OperatorStaking.read.thawSeconds()),
    term: () => chain.read('read the term of a membership', () => contracts.MembershipRegistry.read.term()),
    /** Until when (unix seconds) the node's own membership is paid for; undefined if it has none. */
    async memberUntil(commitment: bigint): Promise<number | undefined> {
      const { state: member, expiry } = await chain.read('read the membership of the node', () =>
        contracts.MembershipRegistry.read.member([commitment, owner]),
      )
      return member === 1 ? expiry : undefined
    },
  }
}
