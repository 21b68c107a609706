import type { Command } from 'commander'
import { action, leaf } from '../../command.ts'
import { CliError } from '../../errors.ts'
import { checkJson, type Check } from '../../operator/check.ts'
import { CHECKS } from '../../operator/checks.ts'
import { openFolder, withDir, type FolderFlags } from '../../operator/folder.ts'
import { nodeApi } from '../../operator/node-api.ts'
import { asReader } from '../../operator/owner.ts'
import type { CommonOptions, Session, World } from '../../session.ts'
import { say, type Said, type Text } from '../../texts/say.ts'

export function doctorCommand(node: Command, world: World): void {
  const command = leaf(node, {
    name: 'doctor',
    does: 'look at endpoints, clock, keys, disk, stake, gas, ports and reachability, and say what to do; exit 1 if something is wrong',
    examples: [
      ['node doctor', 'before the first start, and whenever something is odd'],
      ['node doctor --json', ''],
    ],
  })
  withDir(command).action(action<CommonOptions & FolderFlags>(world, doctor))
}

async function doctor(session: Session, _: readonly unknown[], flags: FolderFlags): Promise<void> {
  const opened = await openFolder(session, flags)
  const api = nodeApi(opened.config, session.world.signal)
  const deps = { ...opened, desk: await asReader(opened), api, isUp: await api.isUp() }
  const checks: Check[] = []
  for (const check of CHECKS) checks.push(...[await check(deps)].flat())
  session.output.result({ checks: checks.map(checkJson) }, checks.flatMap(shown))
  const failed = checks.filter(({ result }) => result === 'bad').map(({ name }) => name)
  if (failed.length > 0)
    throw new CliError(`${failed.length} of ${checks.length} checks failed: ${failed.join(', ')}`, {
      code: 'CHECKS_FAILED',
      failed,
    })
}

const LINES: Readonly<Record<Check['result'], (name: string, found: Text) => Said>> = {
  good: (name, found) => say`ok     ${name}  ${found}`,
  bad: (name, found) => say`WRONG  ${name}  ${found}`,
  unknown: (name, found) => say`?      ${name}  ${found}`,
}

const shown = ({ name, result, found, advice }: Check): Said[] => [
  LINES[result](name.padEnd(9), found),
  ...(advice === undefined ? [] : [say`                  ${advice}`]),
]
