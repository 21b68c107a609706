import { formatAmount, MAX_RATE_LIMIT, operatorNeeds, type OperatorNeeds } from '@teahouse/client'
import type { Command } from 'commander'
import { action, leaf } from '../../command.ts'
import { openFolder, withDir, type FolderFlags } from '../../operator/folder.ts'
import { asReader } from '../../operator/owner.ts'
import { amount, wholeNumber } from '../../parse.ts'
import type { CommonOptions, Session, World } from '../../session.ts'
import { say, type Said, type Text, type Value } from '../../texts/say.ts'

interface PlanFlags extends FolderFlags {
  readonly stake?: bigint
  readonly days: number
  readonly settlements: number
  readonly coinPrice?: bigint
  readonly hosting?: bigint
}

export function planCommand(node: Command, world: World): void {
  const command = leaf(node, {
    name: 'plan',
    does: 'say what each key needs at the present price of gas, what traffic pays for it, and what can be lost. Sends nothing',
    examples: [
      ['node plan', 'by the configuration of `node init`, with the least stake'],
      [
        'node plan --stake 500 --coin-price 2500 --hosting 20',
        'a coin is worth 2500 tokens, the machine costs 20 a month',
      ],
    ],
  })
    .option('--stake <tokens>', 'stake to plan for (default: the least)', amount)
    .option('--days <number>', 'days for which the node key shall have gas', wholeNumber(1, 3_650), 30)
    .option('--settlements <number>', 'transactions that the node sends in a day', wholeNumber(1, 86_400), 24)
    .option('--coin-price <tokens>', 'what one coin is worth; needed to compare costs with income', amount)
    .option('--hosting <tokens>', 'what the machine costs a month', amount)
  withDir(command).action(action<CommonOptions & PlanFlags>(world, plan))
}

async function plan(session: Session, _: readonly unknown[], flags: PlanFlags): Promise<void> {
  const opened = await openFolder(session, flags)
  const { config, operator } = opened
  const desk = await asReader(opened)
  const minimum = await desk.minimumStake()
  const stake = flags.stake ?? minimum
  const { identityFile } = config.rln
  const { coinValueOf, readIdentity } = await import('@teahouse/nodes')
  const rateLimit =
    identityFile === undefined ? 0 : Math.min((await readIdentity(identityFile)).rateLimit, MAX_RATE_LIMIT)
  const membership =
    rateLimit === 0 ? undefined : { ...(await desk.price(rateLimit)), termSeconds: await desk.term() }
  const gasPrice = await desk.gasPrice()
  const price = config.payments.prices['store-query'] ?? 0n
  const { days, settlements, coinPrice: tokensPerCoin, hosting = 0n } = flags
  const needs = operatorNeeds({
    gasPrice,
    ...(await desk.gasOfOthers()),
    stake,
    membership,
    days,
    settlements,
    price,
    tokensPerCoin,
    hosting,
  })
  const has = {
    ...(operator.owner && { owner: await desk.balances(operator.owner) }),
    node: await desk.balances(operator.node),
  }
  const thawSeconds = await desk.thawSeconds()
  session.output.result({ gasPrice, stake, minimum, thawSeconds, price, needs, has }, [
    say`Gas      ${formatAmount(gasPrice, 9)} gwei at most`,
    say`Owner    ${operator.owner ?? say`not named yet`} needs ${shown(needs.owner)}${having(has.owner)}`,
    say`Node     ${operator.node} gets ${shown(needs.node)} of it: gas for ${days} days of ${settlements} settlements`,
    say`Payee    ${operator.payee} needs nothing`,
    ...(stake < minimum
      ? [say`Stake    ${formatAmount(stake)} is less than the ${formatAmount(minimum)} that serving takes`]
      : []),
    ...incomeLines(needs, price, coinValueOf(config.payments.coinValue, config.chainId)),
    say`At worst ${shown(needs.worstLoss)} are lost: all stake slashed, the membership too, all gas spent`,
    say`Back     the stake comes back ${duration(thawSeconds)} after teahouse node unstake`,
  ])
}

interface Amounts {
  readonly coins: bigint
  readonly tokens: bigint
}

function shown({ coins, tokens }: Amounts): Said {
  const ether = formatAmount(coins, 18)
  if (coins > 0n && tokens > 0n) return say`${ether} coins and ${formatAmount(tokens)} tokens`
  if (coins > 0n) return say`${ether} coins`
  return tokens > 0n ? say`${formatAmount(tokens)} tokens` : say`nothing`
}

const having = (balances: Amounts | undefined): Value => (balances ? say`; has ${shown(balances)}` : '')

/** `counted` is what the node takes a coin to be worth as it is configured now. */
function incomeLines(
  { settlement, daily, breakEven }: OperatorNeeds,
  price: bigint,
  counted: bigint,
): Text[] {
  const lines = [
    say`Settling a voucher costs ${formatAmount(settlement.coins, 18)} coins (${settlement.gas.toLocaleString('en')} gas), ${formatAmount(settlement.coinsEachOf25, 18)} each if 25 go together`,
    say`A day    costs ${shown(daily)}`,
  ]
  if (!breakEven)
    return [...lines, say`Income   to compare it with costs, say what a coin is worth: --coin-price TOKENS`]
  const { settlement: least, coinValue, tokensADay, requestsADay } = breakEven
  const requests =
    requestsADay === undefined
      ? say`requests are free, so that nothing pays for it`
      : say`${requestsADay.toLocaleString('en')} paid requests of ${formatAmount(price)} tokens`
  return [
    ...lines,
    say`Income   must be ${formatAmount(tokensADay)} tokens a day: ${requests}`,
    say`Vouchers of less than ${formatAmount(least)} tokens cost more than they bring: "payments.minimumSettlement": "${least}"`,
    counted === 0n
      ? say`The node does not look at gas; to collect nothing at a loss, tell it what a coin is worth: "payments.coinValue": "${coinValue}"`
      : say`The node counts a coin as ${formatAmount(counted)} tokens; to collect as soon as it pays, and not at a loss, tell it what one is worth: "payments.coinValue": "${coinValue}"`,
  ]
}

function duration(seconds: number): Said {
  if (seconds >= 2 * 86_400) return say`${Math.floor(seconds / 86_400)} days`
  if (seconds >= 2 * 3_600) return say`${Math.floor(seconds / 3_600)} hours`
  return say`${seconds} seconds`
}
