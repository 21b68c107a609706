import { formatAmount, UNITS, type Unit, type Weighed } from '@teahouse/client'
import { Option, type Command } from 'commander'
import { action, leaf } from '../command.ts'
import type { CommonOptions, Session, World } from '../session.ts'

interface MarketFlags extends CommonOptions {
  readonly unit: Unit
}

/** `teahouse market`: which nodes this account would ask, and why. */
export function marketCommand(program: Command, world: World): void {
  leaf(program, {
    name: 'market',
    does: 'compare nodes: their prices, what they did for this account, and how much each is asked',
    examples: [
      ['market', 'for queries of stored messages'],
      ['market --unit blob-day', 'for files'],
    ],
  })
    .addOption(
      new Option('--unit <unit>', 'what is bought').choices(Object.keys(UNITS)).default('store-query'),
    )
    .action(action<MarketFlags>(world, compare))
}

async function compare(session: Session, _: readonly unknown[], { unit }: MarketFlags): Promise<void> {
  const nodes = await session.withClient(({ market }) => market.compare(unit))
  const result = nodes.map(({ node, price, share, history }) => ({
    ...{ operator: node.operatorId, peerId: node.peerId, price, staked: node.staked, share },
    history: history ?? null,
  }))
  session.output.result({ unit, nodes: result }, nodes.map(lineOf))
}

const lineOf = ({ node, price, share, history }: Weighed): string =>
  [
    `Node ${node.operatorId}`.padEnd(10),
    `${(100 * share).toFixed(1).padStart(5)} % of what is asked`,
    `${formatAmount(price)} tokens`.padEnd(18),
    history ? recordOf(history) : 'not asked yet',
  ].join('   ')

function recordOf({ asked, served, broken, latencyMs }: NonNullable<Weighed['history']>): string {
  const speed = latencyMs ? `, ${Math.round(latencyMs)} ms` : ''
  return `served ${served} of ${asked}${speed}${broken > 0 ? `, broke its word ${broken} times` : ''}`
}
