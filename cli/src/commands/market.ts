import { formatAmount, UNITS, type Unit, type Weighed } from '@teahouse/client'
import { Option, type Command } from 'commander'
import { action, leaf } from '../command.ts'
import type { CommonOptions, Session, World } from '../session.ts'
import { say, type Said } from '../texts/say.ts'

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

function lineOf({ node, price, share, history }: Weighed): Said {
  const percent = (100 * share).toFixed(1).padStart(5)
  const record = history ? recordOf(history) : say`not asked yet`
  return say`Node ${String(node.operatorId).padEnd(5)}   ${percent} % of what is asked   ${formatAmount(price).padStart(9)} tokens   ${record}`
}

function recordOf({ asked, served, broken, latencyMs }: NonNullable<Weighed['history']>): Said {
  const speed = latencyMs ? `, ${Math.round(latencyMs)} ms` : ''
  const record = say`served ${served} of ${asked}${speed}`
  return broken > 0 ? say`${record}, broke its word ${broken} times` : record
}
