import { formatAmount } from '@teahouse/client'
import type { Command } from 'commander'
import { z } from 'zod'
import { action, leaf } from '../../command.ts'
import { CliError } from '../../errors.ts'
import { withDir, type FolderFlags } from '../../operator/folder.ts'
import type { CommonOptions, Session, World } from '../../session.ts'
import { ownStatus } from './own-status.ts'
import { say, type Said, type Text } from '../../texts/say.ts'

const TIMEOUT_MS = 5_000

/** What is shown of a node's `/info`; everything else is passed on with --json. */
const NodeInfo = z.looseObject({
  peers: z.array(z.unknown()),
  chain: z.looseObject({ head: z.number(), members: z.number() }),
  archive: z.looseObject({ messages: z.number().optional() }),
  payments: z.looseObject({ credited: z.coerce.bigint(), collected: z.coerce.bigint() }),
  rln: z.looseObject({ accepted: z.number() }),
})

interface StatusFlags extends FolderFlags {
  readonly watch?: boolean
}

export function statusCommand(node: Command, world: World): void {
  const command = leaf(node, {
    name: 'status',
    does: "show how the network's nodes are (exit 1 if one gives no answer); with --dir, all about one's own",
    examples: [
      ['node status', "the network's"],
      ['node status --json', 'all that each node tells'],
      [
        'node status --dir node --watch',
        "one's own: peers, earnings, stake, and how many days are left of what",
      ],
    ],
    json: 'print one JSON object, with --watch one a line; notices and errors as JSON lines on standard error',
  }).option('--watch', 'with --dir: again every two seconds until Ctrl-C')
  withDir(command).action(action<CommonOptions & StatusFlags>(world, status))
}

const status = (session: Session, _: readonly unknown[], flags: StatusFlags): Promise<void> =>
  flags.dir !== undefined || session.world.env['TEAHOUSE_NODE_DIR']
    ? ownStatus(session, flags)
    : networkStatus(session)

interface Answer {
  readonly operator: number
  readonly peerId: string
  readonly apiUrl: string
  readonly info?: z.output<typeof NodeInfo>
  readonly problem?: string
  readonly why?: Said
}

async function networkStatus({ network, output, world }: Session): Promise<void> {
  const { nodes } = await network()
  if (nodes.length === 0) throw new CliError('No node is running', { code: 'NODES_DOWN', down: [] })
  const answers = await Promise.all(nodes.map((node) => ask(node, world.signal)))
  const plain = answers.map(({ why: _, ...answer }) => answer)
  output.result({ nodes: plain }, answers.flatMap(show))
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
    const problem = error instanceof Error ? error.message : String(error)
    return { operator, peerId, apiUrl, problem, why: reasonOf(error) }
  }
}

function reasonOf(error: unknown): Said {
  if (error instanceof Error && error.name === 'TimeoutError') return say`it takes too long`
  return error instanceof TypeError ? say`nobody can be reached there` : say`what it says can't be read`
}

function show({ operator, peerId, apiUrl, info, why }: Answer): Text[] {
  const head = say`Operator ${operator}  ${peerId}  ${apiUrl}`
  if (!info) return [head, say`  no answer: ${why ?? ''}`]
  const { peers, chain, archive, payments, rln } = info
  return [
    head,
    say`  ${peers.length} peers, block ${chain.head}, ${chain.members} members, ${archive.messages ?? say`no`} messages stored`,
    say`  ${rln.accepted} messages accepted; ${formatAmount(payments.credited)} tokens credited, ${formatAmount(payments.collected)} collected`,
  ]
}
