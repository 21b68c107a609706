import { setTimeout as sleep } from 'node:timers/promises'
import { formatAmount } from '@teahouse/client'
import type { Command } from 'commander'
import { z } from 'zod'
import { action, leaf } from '../../command.ts'
import { CliError } from '../../errors.ts'
import { openFolder, withDir, type FolderFlags } from '../../operator/folder.ts'
import { nodeApi } from '../../operator/node-api.ts'
import { duration } from '../../parse.ts'
import type { CommonOptions, Session, World } from '../../session.ts'

interface DrainFlags extends FolderFlags {
  readonly wait?: number
}

const POLL_MS = 500

const Draining = z.object({ state: z.string(), until: z.number().optional(), pending: z.coerce.bigint() })

export function drainCommand(node: Command, world: World): void {
  const command = leaf(node, {
    name: 'drain',
    does: 'take the announcement back, serve on for a while, then refuse new work, collect all vouchers, and stop the node',
    examples: [
      ['node drain', 'serves on for three epochs: until no account counts on it any more'],
      ['node drain --wait 0s', 'at once'],
    ],
  }).option('--wait <duration>', 'how long to serve on (default: three epochs)', duration)
  withDir(command).action(action<CommonOptions & DrainFlags>(world, drain))
}

/** Follows the drain to its end. Ctrl-C ends the following, not the drain. */
async function drain(session: Session, _: readonly unknown[], flags: DrainFlags): Promise<void> {
  const { output, world } = session
  const { config } = await openFolder(session, flags)
  const api = nodeApi(config, world.signal)
  const body = JSON.stringify(flags.wait === undefined ? {} : { waitSeconds: flags.wait })
  const headers = { 'content-type': 'application/json' }
  let last = Draining.parse(await api.ask('/admin/v1/drain', { method: 'POST', headers, body }))
  if (last.until !== undefined)
    output.progress(`Serves on until ${new Date(last.until * 1_000).toISOString()}; Ctrl-C leaves it to that`)
  for (;;) {
    await sleep(POLL_MS, undefined, { signal: world.signal })
    const now = await api.ask('/admin/v1/drain').catch((error: unknown) => {
      if (error instanceof CliError && error.code === 'NODE_DOWN') return undefined
      throw error
    })
    if (now === undefined) break
    last = Draining.parse(now)
  }
  output.result({ stopped: true, pending: last.pending }, [
    'The node has stopped',
    last.pending === 0n
      ? 'All vouchers are collected'
      : `${formatAmount(last.pending)} tokens of vouchers could not be collected; the next start tries again`,
  ])
}
