import { abis, contractsAt, GAS, type LocalNetwork } from '@teahouse/protocol/chain'
import { isAddressEqual, parseEventLogs, type Address, type LocalAccount } from 'viem'
import { toAccount } from 'viem/accounts'
import { formatAmount } from '../amounts.ts'
import { createChain } from '../chain/chain.ts'
import { requireTokens } from '../chain/token.ts'
import { OperatorError } from './errors.ts'
import type { RegisterOptions, RotateOptions, StakeOptions } from './options.ts'
import { operatorReadings } from './readings.ts'
import { GENERAL_SERVICE, readOperator, type OperatorState } from './state.ts'
import { prepared, type PreparedSteps, type Step } from './steps.ts'
import { ownersTransactions } from './transactions.ts'

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
  const { call, approval, funding, announcement, joining, retirement } = ownersTransactions(chain, contracts)

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

  /** Adds `amount` to the operator's own stake; without an operator, makes it first. Throws CallError NOT_ENOUGH_TOKENS, OperatorError. */
  async function stake({ id: known, node, payee, amount, onCreated }: StakeOptions): Promise<PreparedSteps> {
    if (known !== 0) await owned(known)
    await requireTokens(chain, amount)
    let id = known
    const create = call('createOperator', 'create the operator', GAS.OperatorStaking.createOperator, {
      contract: 'OperatorStaking',
      functionName: 'createOperator',
      args: [node, payee, contracts.MembershipRegistry.address],
    })
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
    head: chain.head,
    /** Gas in wei for `sendCoins`; all coins but that. For a key that serves no longer. */
    sendAllCoins: chain.sendAllCoins,
    ...operatorReadings(chain, contracts),
  }
}
