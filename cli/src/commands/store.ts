import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { action, group, leaf } from '../command.ts'
import { CliError, usage } from '../errors.ts'
import { counted } from '../output.ts'
import { inMessages, progressBar } from '../progress-bar.ts'
import type { CommonOptions, Session, World } from '../session.ts'
import { say } from '../texts/say.ts'

interface ArchiveFlags {
  readonly dataDir?: string
  readonly postgres?: string
}

type Flags = CommonOptions & ArchiveFlags

/** `teahouse store`: what an operator does with an archive. */
export function storeCommands(program: Command, world: World): void {
  const store = group(program, 'store', "export, import and verify a node's archive")

  archiveLeaf(store, 'export <file>', 'write all messages into a file, which appears when it is whole', [
    ['store export tea.export --data-dir node/data', 'also while the node runs'],
    ['store export tea.export --postgres postgres://tea@db/tea', 'password from PGPASSWORD'],
  ]).action(action<Flags>(world, exportTo))

  archiveLeaf(store, 'import <file>', 'take the messages of a file in; run it again to go on after a stop', [
    ['store import tea.export --data-dir node/data', 'the file is checked first, proofs are not'],
  ]).action(action<Flags>(world, importFrom))

  archiveLeaf(store, 'verify [file]', 'check every hash of an archive, or an export to its end', [
    ['store verify --data-dir node/data', ''],
    ['store verify tea.export', ''],
  ]).action(action<Flags>(world, verify))
}

function archiveLeaf(
  parent: Command,
  name: string,
  does: string,
  examples: readonly (readonly [string, string])[],
): Command {
  return leaf(parent, { name, does, examples })
    .option('--data-dir <dir>', "the node's data folder")
    .option('--postgres <url>', 'the PostgreSQL database instead')
}

/** Opens the archive that the options name, and closes it whatever happens. */
async function withArchive<T>(
  { dataDir, postgres }: ArchiveFlags,
  run: (archive: Archive, nodes: Nodes) => Promise<T>,
): Promise<T> {
  if ((dataDir === undefined) === (postgres === undefined))
    throw usage(say`Name one archive`, say`--data-dir DIR or --postgres URL`)
  if (dataDir !== undefined && !existsSync(join(dataDir, 'archive.sqlite')))
    throw new CliError(`${dataDir} holds no archive.sqlite`, { code: 'NO_ARCHIVE', path: dataDir })
  const nodes = await import('@teahouse/nodes')
  const database = nodes.DatabaseConfig.safeParse(
    postgres === undefined ? { engine: 'sqlite' } : { engine: 'postgres', url: postgres },
  )
  if (!database.success) throw usage(say`This is no PostgreSQL address`, say`postgres://USER@HOST/DATABASE`)
  const deps = { dataDir: dataDir ?? '', log: nodes.createLog('silent') }
  const archive = await nodes.openArchive(database.data, deps)
  try {
    return await run(archive, nodes)
  } finally {
    await archive.close()
  }
}

type Nodes = typeof import('@teahouse/nodes')
type Archive = Awaited<ReturnType<Nodes['openArchive']>>

async function exportTo(session: Session, args: readonly unknown[], flags: Flags): Promise<void> {
  const path = String(args[0])
  const messages = await withArchive(flags, async (archive, { exportArchive }) => {
    const bar = progressBar(session, inMessages, (await archive.totals()).messages)
    return bar.end(exportArchive(archive, path, bar.show))
  })
  session.output.result({ file: path, messages }, [say`Wrote ${counted(messages, 'message')} into ${path}`])
}

async function importFrom(session: Session, args: readonly unknown[], flags: Flags): Promise<void> {
  const path = String(args[0])
  const { messages, fresh } = await withArchive(flags, (archive, { importArchive }) => {
    const bar = progressBar(session, inMessages)
    return bar.end(importArchive(archive, path, bar.show))
  })
  session.output.result({ file: path, messages, fresh }, [
    say`Took in ${counted(messages, 'message')}, ${fresh} of them new`,
  ])
}

async function verify(session: Session, args: readonly unknown[], flags: Flags): Promise<void> {
  const [file] = args
  const bar = progressBar(session, inMessages)
  const nodes = await import('@teahouse/nodes')
  const messages = await bar.end(
    typeof file === 'string'
      ? nodes.verifyExport(file, bar.show)
      : withArchive(flags, (archive) => nodes.verifyArchive(archive, bar.show)),
  )
  session.output.result({ messages }, [say`${counted(messages, 'message')}, every one of them whole`])
}
