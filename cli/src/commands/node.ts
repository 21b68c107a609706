import { formatAmount } from '@teahouse/client'
import type { Command } from 'commander'
import { z } from 'zod'
import { action, group, leaf } from '../command.ts'
import { CliError } from '../errors.ts'
import type { CommonOptions, Session, World } from '../session.ts'
import { ledgerCommand } from './node-ledger.ts'

const TIMEOUT_MS = 5_000

/** What is shown of a node's `/info`; everything else is passed on with --json. */
const NodeInfo = z.looseObject({
  peers: z.array(z.unknown()),
  chain: z.looseObject({ head: z.number(), members: z.number() }),
  archive: z.looseObject({ messages: z.number().optional() }),
  payments: z.looseObject({
    credited: z.coerce.bigint(),
    collected: z.coerce.bigint(),
    pending: z.coerce.bigint(),
  }),
  rln: z.looseObject({ accepted: z.number() }),
})

export function nodeCommands(program: Command, world: World): void {
  const node = group(program, 'node', 'run a service node, or look at those of the network')

  leaf(node, {
    name: 'run',
    does: 'run a service node until Ctrl-C or SIGTERM; logs JSON lines on standard output',
    examples: [
      ['node run --config node.json', ''],
      ['node run --config node.json --print-config', 'the configuration in force, secrets left out'],
    ],
  })
    .requiredOption('--config <file>', 'configuration; TEAHOUSE_* variables override it')
    .option('--print-config', 'print the configuration and end')
    .action(action<CommonOptions & RunFlags>(world, run))

  leaf(node, {
    name: 'status',
    does: "show how the network's nodes are; exit 1 if one gives no answer",
    examples: [
      ['node status', ''],
      ['node status --json', 'all that each node tells'],
    ],
  }).action(action(world, status))
  ledgerCommand(node, world)
}

interface RunFlags {
  readonly config: string
  readonly printConfig?: boolean
}

async function run(
  { world }: Session,
  _: readonly unknown[],
  { config: path, printConfig }: RunFlags,
): Promise<void> {
  const { createLog, loadConfig, redact, runNode } = await import('@teahouse/nodes')
  const load = () => loadConfig(path, world.env)
  const config = await load()
  if (printConfig) world.stdout.write(`${JSON.stringify(redact(config), null, 2)}\n`)
  else await runNode(config, createLog(config.log.level), load)
}

interface Answer {
  readonly operator: number
  readonly peerId: string
  readonly apiUrl: string
  readonly info?: z.output<typeof NodeInfo>
  readonly problem?: string
}

async function status({ network, output, world }: Session): Promise<void> {
  const { nodes } = await network()
  if (nodes.length === 0) throw new CliError('No node is running', { code: 'NODES_DOWN', down: [] })
  const answers = await Promise.all(nodes.map((node) => ask(node, world.signal)))
  output.result({ nodes: answers }, answers.flatMap(show))
  const down = answers.filter(({ problem }) => problem !== undefined).map(({ peerId }) => peerId)
  if (down.length > 0) throw new CliError(`${down.length} nodes give no answer`, { code: 'NODES_DOWN', down })
}

async function ask(
  node: { operator: number; peerId: string; apiUrl: string },
  signal: AbortSignal,
): Promise<Answer> {
  const { operator, peerId, apiUrl } = node
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
    const response = await fetch(new URL('/info', apiUrl), { signal: limit })
    return { operator, peerId, apiUrl, info: NodeInfo.parse(await response.json()) }
  } catch (error) {
    return { operator, peerId, apiUrl, problem: error instanceof Error ? error.message : String(error) }
  }
}

function show({ operator, peerId, apiUrl, info, problem }: Answer): string[] {
  const head = `Operator ${operator}  ${peerId}  ${apiUrl}`
  if (!info) return [head, `  no answer: ${problem}`]
  const { peers, chain, archive, payments, rln } = info
  return [
    head,
    `  ${peers.length} peers, block ${chain.head}, ${chain.members} members, ${archive.messages ?? 'no'} messages stored`,
    `  ${rln.accepted} messages accepted; ${formatAmount(payments.credited)} tokens credited, ` +
      `${formatAmount(payments.collected)} collected, ${formatAmount(payments.pending)} to be collected`,
  ]
}
