import { setTimeout as sleep } from 'node:timers/promises'
import { formatAmount } from '@teahouse/client'
import type { Command } from 'commander'
import { z } from 'zod'
import { action, leaf } from '../../command.ts'
import { CliError } from '../../errors.ts'
import { openFolder, withDir, type FolderFlags } from '../../operator/folder.ts'
import { nodeApi } from '../../operator/node-api.ts'
import { showDate } from '../../output.ts'
import { duration } from '../../parse.ts'
import type { CommonOptions, Session, World } from '../../session.ts'
import { say } from '../../texts/say.ts'

interface DrainFlags extends FolderFlags {
  readonly wait?: number
}

const POLL_MS = 500
/** Looks without an answer before the node counts as gone. */
const SILENT_LOOKS = 5

const Draining = z.object({ state: z.string(), until: z.number().optional(), pending: z.coerce.bigint() })
type Draining = z.output<typeof Draining>

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
  const begun = Draining.parse(await api.ask('/admin/v1/drain', { method: 'POST', headers, body }))
  if (begun.until !== undefined)
    output.progress(say`Serves on until ${showDate(begun.until)}; Ctrl-C leaves it to that`)
  const last = await followDrain(begun, {
    look: () => api.ask('/admin/v1/drain'),
    pause: () => sleep(POLL_MS, undefined, { signal: world.signal }),
  })
  output.result({ stopped: true, pending: last.pending }, [
    say`The node has stopped`,
    last.pending === 0n
      ? say`All vouchers are collected`
      : say`${formatAmount(last.pending)} tokens of vouchers could not be collected; the next start tries again`,
  ])
}

interface Following {
  /** Throws CliError NODE_DOWN if nobody answers. */
  look(): Promise<unknown>
  pause(): Promise<unknown>
}

/**
 * What a node that drains said last, once it is gone. Throws CliError NODE_DOWN if it is silent and had not said that it is drained: then nobody knows what is
 * collected.
 */
export async function followDrain(begun: Draining, { look, pause }: Following): Promise<Draining> {
  let last = begun
  for (let silent = 0; ;) {
    await pause()
    try {
      last = Draining.parse(await look())
      silent = 0
    } catch (error) {
      if (!(error instanceof CliError && error.code === 'NODE_DOWN')) throw error
      if (last.state === 'drained') return last
      if (++silent >= SILENT_LOOKS) throw error
    }
  }
}
