import { signPermit } from '../chain-relay/permit.ts'
import type { Account } from '../account/account.ts'
import type { Chain, TxResult } from '../chain/chain.ts'
import type { Addresses, OwnAddress } from './addresses.ts'
import type { Tokens } from './tokens.ts'

/** An address of this account with what lies there, in the token's smallest unit. */
export interface HeldAddress extends OwnAddress {
  readonly amount: bigint
}

export interface Collected {
  readonly held: HeldAddress
  readonly tx: TxResult
}

export interface CollectDeps {
  readonly chain: Chain
  readonly account: Pick<Account, 'receiving' | 'address'>
  readonly tokens: Tokens
  readonly addresses: Addresses
}

/** How long a permit holds. */
const PERMIT_SECONDS = 900

/** What was paid to the account's other addresses, and how it comes to the first, from which it can be spent. */
export function createCollecting({ chain, account, tokens, addresses }: CollectDeps) {
  async function held(): Promise<HeldAddress[]> {
    const { Token } = chain.network.contracts
    const all = await addresses.all()
    const found = await Promise.all(
      all.slice(1).map(async (own) => ({ ...own, amount: await tokens.balance(Token, own.address) })),
    )
    return found.filter(({ amount }) => amount > 0n)
  }

  /** The address itself needs no coins: it signs a permit (ERC-2612), and the account takes what lies there. */
  async function take({ index, address, amount }: HeldAddress): Promise<TxResult> {
    const { timestamp } = await chain.head()
    const deadline = BigInt(timestamp + PERMIT_SECONDS)
    const wanted = { spender: account.address, value: amount, deadline }
    const permit = await chain.read('sign the permit', () =>
      signPermit(account.receiving(index), chain.contracts.Token, wanted),
    )
    const [owner, value, until, ...signature] = permit
    const call = { action: 'collect', contract: 'Token' } as const
    const permitted = [owner, account.address, value, until, ...signature]
    await chain.write({ ...call, functionName: 'permit', args: permitted })
    return chain.write({ ...call, functionName: 'transferFrom', args: [address, account.address, amount] })
  }

  return {
    /** Addresses where tokens of the deployment lie. Throws CallError. */
    held,
    /**
     * Brings them to the account's own address, in two transactions each. The chain then shows that these addresses are of one person.
     * @throws CallError; ChainNodesError NOT_RELAYED without an RPC endpoint.
     */
    async collect(): Promise<Collected[]> {
      const done: Collected[] = []
      for (const one of await held()) done.push({ held: one, tx: await take(one) })
      return done
    },
  }
}
