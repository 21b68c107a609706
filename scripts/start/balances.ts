import Table from 'cli-table3'
import type { Address } from 'viem'
import { must } from './start-error.ts'
import type { LocalChain } from './steps/chain.ts'
import { inTea } from './tokens.ts'

const BURNED: Address = '0x000000000000000000000000000000000000dEaD'

/** Token balances by name, in the token's smallest unit. */
export type Balances = ReadonlyMap<string, bigint>

/** Reads what everybody named in `holders` has, the contracts that hold money, and what is burned. */
export async function readBalances(
  chain: LocalChain,
  holders: ReadonlyMap<string, Address>,
): Promise<Balances> {
  const all = new Map([...holders, ...contractHolders(chain), ['burned', BURNED] as const])
  const entries = [...all].map(async ([name, holder]) => {
    return [name, await chain.at.Token.read.balanceOf([holder])] as const
  })
  return new Map(await Promise.all(entries))
}

/** Every token that exists is in the sheet. @throws StartError if some went where nobody said. */
export async function mustAddUp(chain: LocalChain, balances: Balances): Promise<void> {
  const total = [...balances.values()].reduce((sum, balance) => sum + balance, 0n)
  const supply = await chain.at.Token.read.totalSupply()
  must(total === supply, `the balances add up to all ${inTea(supply)} TEA there are (found ${inTea(total)})`)
}

/** The sheet that is printed at the end: who had what, before and after. */
export function balanceTable(before: Balances, after: Balances): string {
  const sheet = new Table({
    head: ['TEA', 'before step 4', 'now', 'change'],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'right', 'right', 'right'],
  })
  for (const [name, now] of after) {
    const then = before.get(name) ?? 0n
    sheet.push([name, inTea(then), inTea(now), `${now > then ? '+' : ''}${inTea(now - then)}`])
  }
  return sheet.toString()
}

function contractHolders({ contracts }: LocalChain): [string, Address][] {
  const holding = [
    'MembershipRegistry',
    'OperatorStaking',
    'PaymentChannels',
    'Escrow',
    'RedEnvelope',
  ] as const
  return holding.map((name) => [name, contracts[name]])
}
