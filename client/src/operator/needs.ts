import { GAS } from '@teahouse/protocol/chain'

const DAY = 86_400n
const MONTH_DAYS = 30n
const COIN = 10n ** 18n

/** What an operator means to do, and what the chain asks for it now. Tokens in their smallest unit, coins in wei. */
export interface NeedsInput {
  /** Wei for a unit of gas. */
  readonly gasPrice: bigint
  /** Gas of an approval and of sending coins, as the chain estimates it. */
  readonly approveGas: bigint
  readonly transferGas: bigint
  readonly stake: bigint
  /** The node's own membership, if it is to have one. */
  readonly membership?:
    { readonly deposit: bigint; readonly fee: bigint; readonly termSeconds: number } | undefined
  /** Days for which the node key shall have gas, and transactions that it sends in a day. */
  readonly days: number
  readonly settlements: number
  /** Price of one request. */
  readonly price: bigint
  /** Tokens that one coin is worth; without it, costs in coins and income in tokens can't be compared. */
  readonly tokensPerCoin?: bigint | undefined
  /** What the machine costs a month. */
  readonly hosting: bigint
}

interface Amounts {
  readonly coins: bigint
  readonly tokens: bigint
}

export interface OperatorNeeds {
  /** What each key has to have before the first step. */
  readonly owner: Amounts
  readonly node: Amounts
  readonly payee: Amounts
  /** One voucher collected alone, and one among 25. */
  readonly settlement: { readonly gas: bigint; readonly coins: bigint; readonly coinsEachOf25: bigint }
  /** What a day costs. */
  readonly daily: Amounts
  /** Only if it is known what a coin is worth. */
  readonly breakEven?: {
    /** Below this a voucher costs more than it brings: `payments.minimumSettlement`. */
    readonly settlement: bigint
    /** What a node has to be told that looks at gas: `payments.coinValue`. */
    readonly coinValue: bigint
    readonly tokensADay: bigint
    /** Undefined if the requests are free. */
    readonly requestsADay?: bigint | undefined
  }
  /** If everything goes wrong: the stake slashed whole, the membership slashed, the coins of both keys spent. */
  readonly worstLoss: Amounts
}

const { OperatorStaking, ServiceRegistry, MembershipRegistry, PaymentChannels } = GAS

/** What the keys of an operator need, what its node has to earn, and what can be lost at most. */
export function operatorNeeds(input: NeedsInput): OperatorNeeds {
  const { gasPrice, stake, membership, days, settlements, price, tokensPerCoin, hosting } = input
  const deposit = membership ? membership.deposit + membership.fee : 0n
  const collect = BigInt(PaymentChannels.collect)
  const perSettlement = collect * gasPrice
  const node = {
    coins: (collect * BigInt(days * settlements) + BigInt(ServiceRegistry.announce)) * gasPrice,
    tokens: 0n,
  }
  const owner = { coins: ownerGas(input) * gasPrice + node.coins, tokens: stake + deposit }
  const fees = membership ? (membership.fee * DAY) / BigInt(membership.termSeconds) : 0n
  const daily = { coins: perSettlement * BigInt(settlements), tokens: fees + hosting / MONTH_DAYS }
  return {
    owner,
    node,
    payee: { coins: 0n, tokens: 0n },
    settlement: {
      gas: collect,
      coins: perSettlement,
      coinsEachOf25: BigInt(PaymentChannels['collect, each of 25']) * gasPrice,
    },
    daily,
    ...(tokensPerCoin !== undefined && {
      breakEven: breakEven({ daily, perSettlement, price, tokensPerCoin }),
    }),
    worstLoss: { coins: owner.coins, tokens: owner.tokens },
  }
}

/** From nothing to a registered node, and out again. */
function ownerGas({ approveGas, transferGas, membership }: NeedsInput): bigint {
  const { createOperator, stake, thaw, withdraw } = OperatorStaking
  const join = membership
    ? approveGas + BigInt(MembershipRegistry['register, as a gift and with a home'])
    : 0n
  const staking = createOperator + stake + thaw + withdraw + ServiceRegistry.announce
  return BigInt(staking) + approveGas + transferGas + join
}

interface BreakEvenInput {
  readonly daily: Amounts
  readonly perSettlement: bigint
  readonly price: bigint
  readonly tokensPerCoin: bigint
}

function breakEven({ daily, perSettlement, price, tokensPerCoin }: BreakEvenInput) {
  const worth = (coins: bigint) => ceilDivided(coins * tokensPerCoin, COIN)
  const tokensADay = daily.tokens + worth(daily.coins)
  return {
    settlement: worth(perSettlement),
    coinValue: tokensPerCoin,
    tokensADay,
    requestsADay: price > 0n ? ceilDivided(tokensADay, price) : undefined,
  }
}

const ceilDivided = (a: bigint, b: bigint): bigint => (a + b - 1n) / b
