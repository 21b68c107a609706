import { formatAmount } from '@teahouse/client'
import type { Command } from 'commander'
import { action, leaf } from '../../command.ts'
import { CliError } from '../../errors.ts'
import type { CommonOptions, Session, World } from '../../session.ts'
import { say } from '../../texts/say.ts'

const TIMEOUT_MS = 60_000

interface LedgerFlags {
  readonly csv?: boolean
}

export function ledgerCommand(node: Command, world: World): void {
  leaf(node, {
    name: 'ledger [operator]',
    does: 'show what a node was credited and what its payee was paid on chain; of the first node if none is named',
    examples: [
      ['node ledger 2', 'by payer'],
      ['node ledger 2 --csv', 'by payer and day, each payment with its transaction'],
    ],
  })
    .option('--csv', 'print all entries as CSV, amounts in the smallest unit')
    .action(action<CommonOptions & LedgerFlags>(world, ledger))
}

async function ledger(
  { network, output, world }: Session,
  [operator]: readonly unknown[],
  { csv }: LedgerFlags,
): Promise<void> {
  const { nodes } = await network()
  const node = nodes.find((one) => operator === undefined || String(one.operator) === operator)
  if (!node) throw new CliError('No such node is running', { code: 'NODES_DOWN', down: [] })
  const limit = AbortSignal.any([world.signal, AbortSignal.timeout(TIMEOUT_MS)])
  const response = await fetch(new URL('/ledger', node.apiUrl), { signal: limit }).catch(() => undefined)
  if (!response?.ok) {
    const why = response ? `status ${response.status}` : 'no answer'
    throw new CliError(`The node gives no ledger: ${why}`, { code: 'NODES_DOWN', down: [node.peerId] })
  }
  const text = await response.text()
  if (csv) return void world.stdout.write(text)
  const payers = sums(text)
  const lines = payers.map(({ payer, credited, collected }) => {
    return say`${payer}  ${formatAmount(credited)} credited, ${formatAmount(collected)} collected`
  })
  output.result({ operator: node.operator, payers }, lines.length > 0 ? lines : [say`Nobody has paid yet`])
}

/** What each payer was credited and what was collected of it; in the token's smallest unit. */
function sums(csv: string): { payer: string; credited: bigint; collected: bigint }[] {
  const byPayer = new Map<string, { credited: bigint; collected: bigint }>()
  for (const line of csv.trim().split('\n').slice(1)) {
    const [, payer = '', , credited = '0', collected = '0'] = line.split(',')
    const sum = byPayer.get(payer) ?? { credited: 0n, collected: 0n }
    byPayer.set(payer, {
      credited: sum.credited + BigInt(credited),
      collected: sum.collected + BigInt(collected),
    })
  }
  return [...byPayer].map(([payer, sum]) => ({ payer, ...sum }))
}
