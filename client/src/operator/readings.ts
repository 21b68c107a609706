import type { Contracts } from '@teahouse/protocol/chain'
import type { Address } from 'viem'
import type { Chain } from '../chain/chain.ts'
import type { ChainReader } from '../chain/reader.ts'
import { tokenBalance } from '../chain/token.ts'
import { maxGasPrice } from './steps.ts'

/** What an owner asks the chain about its operator, and about what things cost. */
export function operatorReadings(chain: Chain, contracts: Contracts<ChainReader>) {
  const { reader } = chain
  const owner = chain.account.address

  return {
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
