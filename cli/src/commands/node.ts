import type { Command } from 'commander'
import { group } from '../command.ts'
import type { World } from '../session.ts'
import { backupCommands } from './node/backup.ts'
import { doctorCommand } from './node/doctor.ts'
import { drainCommand } from './node/drain.ts'
import { nodeStoreCommands } from './node/forget.ts'
import { initCommand } from './node/init.ts'
import { leaveCommands } from './node/leave.ts'
import { ledgerCommand } from './node/ledger.ts'
import { planCommand } from './node/plan.ts'
import { registerCommand } from './node/register.ts'
import { rotateCommands } from './node/rotate.ts'
import { runCommand } from './node/run.ts'
import { stakeCommand } from './node/stake.ts'
import { statusCommand } from './node/status.ts'

/** `teahouse node`: an operator's life, from nothing to earning and out again. In this order: docs/operators.md. */
export function nodeCommands(program: Command, world: World): void {
  const node = group(
    program,
    'node',
    'set up, run and watch a service node of your own, or look at those of the network',
  )
  planCommand(node, world)
  initCommand(node, world)
  stakeCommand(node, world)
  registerCommand(node, world)
  runCommand(node, world)
  statusCommand(node, world)
  ledgerCommand(node, world)
  doctorCommand(node, world)
  rotateCommands(node, world)
  backupCommands(node, world)
  nodeStoreCommands(node, world)
  drainCommand(node, world)
  leaveCommands(node, world)
}
