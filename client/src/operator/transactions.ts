import { announceArgs, GAS, type Contracts } from '@teahouse/protocol/chain'
import { formatEther, zeroHash, type Address } from 'viem'
import { formatAmount } from '../amounts.ts'
import type { Call } from '../chain/call.ts'
import type { Chain } from '../chain/chain.ts'
import type { ChainReader } from '../chain/reader.ts'
import { requireTokens } from '../chain/token.ts'
import type { OperatorRecord, RegisterOptions } from './options.ts'
import type { Step } from './steps.ts'

/** The transactions of an owner, each with its gas; none where what it would do is there already. */
export function ownersTransactions(chain: Chain, contracts: Contracts<ChainReader>) {
  const { reader } = chain
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

  return { call, approval, funding, announcement, joining, retirement }
}
