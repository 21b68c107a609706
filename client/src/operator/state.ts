import { isAddressEqual, zeroAddress, zeroHash, type Address } from 'viem'
import type { Chain } from '../chain/chain.ts'
import { OperatorError } from './errors.ts'

/** How an operator stands on chain. Amounts in the token's smallest unit, times in unix seconds. */
export interface OperatorState {
  readonly id: number
  readonly owner: Address
  readonly node: Address
  readonly payee: Address
  /** Own stake that does not thaw, in all provisions. */
  readonly staked: bigint
  /** What serving takes. */
  readonly minimum: bigint
  /** Own tokens of the general provision, what thaws included. */
  readonly tokens: bigint
  readonly thawing: bigint
  /** From when all of `thawing` can be withdrawn; 0 if nothing thaws. */
  readonly thawedAt: number
  readonly thawSeconds: number
  /** Tokens of others behind it. */
  readonly delegated: bigint
  /** What it may draw of membership fees now. */
  readonly credit: bigint
  /** Since when it is in good standing; 0 if it is not. */
  readonly goodSince: number
  /** Whether it has an announcement. */
  readonly announced: boolean
  /** Whether its node key works for it, and not for another that named it first. */
  readonly bound: boolean
}

/** The provision that holds an operator's general stake: for relaying, and as a home operator. */
export const GENERAL_SERVICE = 0

/** Throws OperatorError UNKNOWN_OPERATOR, CallError. */
export async function readOperator(chain: Chain, id: number): Promise<OperatorState> {
  const { OperatorStaking, ServiceRegistry } = chain.contracts
  const [operator, minimum, provision, [, credit, goodSince], record] = await chain.read(
    `read operator ${id}`,
    () =>
      Promise.all([
        OperatorStaking.read.operator([id]),
        OperatorStaking.read.minimumStake(),
        OperatorStaking.read.provision([id, GENERAL_SERVICE]),
        OperatorStaking.read.incomeOf([id]),
        ServiceRegistry.read.recordHash([id]),
      ]),
  )
  const { owner, node, payee, staked } = operator
  if (isAddressEqual(owner, zeroAddress))
    throw new OperatorError(`There is no operator ${id}`, { code: 'UNKNOWN_OPERATOR', operatorId: id })
  const worksFor = await chain.read('read whom the node key works for', () =>
    OperatorStaking.read.operatorOf([node]),
  )
  const { tokens, thawing, thawedAt, thawSeconds, delegated } = provision
  return {
    id,
    owner,
    node,
    payee,
    staked,
    minimum,
    tokens,
    thawing,
    thawedAt,
    thawSeconds,
    delegated,
    credit,
    goodSince,
    announced: record !== zeroHash,
    bound: worksFor === id,
  }
}
