import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { formatAmount, readReference, type Client } from '@teahouse/client'
import type { Command } from 'commander'
import { action, group, leaf, type LeafInit } from '../command.ts'
import { CliError } from '../errors.ts'
import { counted, showDate } from '../output.ts'
import { amount, nodeId, wholeNumber } from '../parse.ts'
import { inBytes, progressBar } from '../progress-bar.ts'
import type { CommonOptions, Session, World } from '../session.ts'
import { writeWhole } from '../whole-file.ts'
import { say } from '../texts/say.ts'

interface PayFlags extends CommonOptions {
  readonly pay?: boolean
  readonly max?: bigint
}

interface PutFlags extends PayFlags {
  readonly days: number
  readonly copies: number
  readonly node?: readonly string[]
}

interface GetFlags extends PayFlags {
  readonly output: string
}

interface RenewFlags extends PayFlags {
  readonly days: number
}

const days = wholeNumber(1, 3_650)
const nodes = (text: string, before: readonly string[] = []) => [...before, nodeId(text)]

/** `teahouse file`: files that nodes keep, sealed. */
export function fileCommands(program: Command, world: World): void {
  const file = group(program, 'file', 'keep files at nodes, sealed, for a paid time')

  payable(file, {
    name: 'put <path>',
    does: 'store a file; the same command goes on with an upload that was cut off, and pays nothing twice',
    examples: [
      ['file put photo.jpg --pay', 'for a week at two nodes; prints the reference'],
      ['file put photo.jpg --days 30 --copies 3 --pay --max 2', ''],
      ['file put photo.jpg --node 1 --node 2', 'at these operators'],
    ],
  })
    .option('--days <number>', 'keep it for so many days', days, 7)
    .option('--copies <number>', 'nodes that keep each part', wholeNumber(1, 16), 2)
    .option('--node <id>', 'operator id or peer id of a node to use; may be repeated', nodes)
    .action(action<PutFlags>(world, put))

  payable(file, {
    name: 'get <reference>',
    does: 'fetch a file, checked part by part; it appears when it is whole',
    examples: [['file get teahouse:file/AQAA… -o photo.jpg', '']],
  })
    .requiredOption('-o, --output <path>', 'where to write it; must not be there')
    .action(action<GetFlags>(world, get))

  payable(file, {
    name: 'renew <reference>',
    does: 'have a file kept for so many days from now; only the added time is paid for',
    examples: [['file renew teahouse:file/AQAA… --days 30 --pay', '']],
  })
    .option('--days <number>', 'keep it for so many days from now', days, 7)
    .action(action<RenewFlags>(world, renew))
}

function payable(parent: Command, init: LeafInit): Command {
  return leaf(parent, init)
    .option('--pay', "pay if the nodes ask, at their offers' prices")
    .option('--max <amount>', 'the most to pay in all, in tokens (default: 10)', amount)
}

/** Runs with a bar over the bytes of the file. */
function withBar<T>(
  session: Session,
  size: number,
  run: (client: Client, onProgress: (bytes: number) => void) => Promise<T>,
): Promise<T> {
  const bar = progressBar(session, inBytes, size)
  return bar.end(session.withClient((client) => run(client, bar.show)))
}

async function put(session: Session, [given]: readonly unknown[], flags: PutFlags): Promise<void> {
  const { world, output } = session
  const path = resolve(world.cwd, given as string)
  const found = await stat(path).catch(() => undefined)
  if (!found?.isFile()) throw new CliError(`There is no file ${path}`, { code: 'NO_FILE', path })
  const name = createHash('sha256').update(`${path}\n${found.size}\n${found.mtimeMs}`).digest('hex')
  const { pay, max: maxPaid, copies, node } = flags
  const stored = await withBar(session, found.size, (client, onProgress) =>
    client.files.put(createReadStream(path, { highWaterMark: 1024 * 1024 }), {
      ...{ days: flags.days, copies, nodes: node, name, pay, maxPaid, onProgress, signal: world.signal },
    }),
  )
  output.result({ file: path, ...stored }, [
    stored.reference,
    say`Kept until ${showDate(stored.until)} by operators ${stored.operators.join(', ')}; paid ${formatAmount(stored.paid)} tokens`,
    say`Whoever has the reference can read the file.`,
  ])
}

async function get(session: Session, [given]: readonly unknown[], flags: GetFlags): Promise<void> {
  const { world, output } = session
  const reference = given as string
  const { size } = readReference(reference)
  const path = resolve(world.cwd, flags.output)
  const failed = new Set<string>()
  await withBar(session, size, (client, onProgress) => {
    const { pay, max: maxPaid } = flags
    const onFault = ({ peerId }: { peerId: string }) => void failed.add(peerId)
    const options = { pay, maxPaid, onProgress, onFault, signal: world.signal }
    return writeWhole(path, client.files.get(reference, options))
  })
  const lines = [say`Wrote ${counted(size, 'byte')} into ${path}`]
  if (failed.size > 0) lines.push(say`Nodes that failed: ${[...failed].join(', ')}`)
  output.result({ file: path, size, failed: [...failed] }, lines)
}

async function renew(session: Session, [given]: readonly unknown[], flags: RenewFlags): Promise<void> {
  const reference = given as string
  const { size } = readReference(reference)
  const { days: wanted, pay, max: maxPaid } = flags
  const { signal } = session.world
  const renewed = await withBar(session, size, (client, onProgress) =>
    client.files.renew(reference, { days: wanted, pay, maxPaid, onProgress, signal }),
  )
  const { until, missing, paid } = renewed
  const lines = [say`Kept until ${showDate(until)}; paid ${formatAmount(paid)} tokens`]
  for (const { operatorId, level, index, why } of missing)
    lines.push(say`Operator ${operatorId} did not prolong chunk ${index} of level ${level}: ${why}`)
  session.output.result({ ...renewed }, lines)
}
