import { createExit, formatAmount, type ExitItem, type ExitResult } from '@teahouse/client'
import type { Command } from 'commander'
import { resolve } from 'node:path'
import { action, leaf } from '../command.ts'
import { accountFromKeyFile, type DeploymentOptions, findDeployment } from '../deployments.ts'
import { CliError } from '../errors.ts'
import { counted, showDate } from '../output.ts'
import { deploymentId, rpcUrl } from '../parse.ts'
import type { CommonOptions, Session, World } from '../session.ts'
import { inWords } from '../explain.ts'
import { recognised } from '../texts/recognised.ts'
import { say, type Text } from '../texts/say.ts'

export function exitCommand(program: Command, world: World): void {
  leaf(program, {
    name: 'exit',
    does: 'find and withdraw everything that the contracts of a deployment hold for an account, by the chain alone',
    examples: [
      ['exit', 'what the present network holds; sends nothing'],
      ['exit --yes', 'take what can be taken now; run it again for the rest'],
      ['exit --yes --wait', 'stay until all of it has thawed and is taken'],
      ['exit --deployment 0a1b2c3d4e5f --rpc https://rpc.example.org --yes', 'an old deployment'],
      ['exit --key-file nodes/1/owner.key --yes', "an operator's stake"],
    ],
  })
    .option(
      '--deployment <id>',
      'id of a deployment (default: that of the network description)',
      deploymentId,
    )
    .option('--file <file>', 'record of a deployment that this release does not know')
    .option('--rpc <url>', "JSON-RPC endpoint of the deployment's chain", rpcUrl)
    .option('--key-file <file>', 'act for the private key in this file instead of an account')
    .option('--concede', 'close open deals at once: what you pay is released, what you would get is refunded')
    .option('--dry-run', 'only show; the default without --yes')
    .option('--yes', 'send the transactions')
    .option('--wait', 'with --yes: go on when something has thawed')
    .action(action<CommonOptions & ExitFlags>(world, exit))
}

interface ExitFlags extends DeploymentOptions {
  readonly keyFile?: string
  readonly concede?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly wait?: boolean
}

async function exit(session: Session, _: readonly unknown[], flags: ExitFlags): Promise<void> {
  const { world, output } = session
  const { keyFile, concede = false, dryRun = false, yes = false, wait = false } = flags
  const { deployment, rpcUrl } = await findDeployment(session, flags)
  const account = keyFile
    ? await accountFromKeyFile(resolve(world.cwd, keyFile))
    : (await session.account()).eth
  output.progress(say`Reading the events of deployment ${deployment.id} on chain ${deployment.chainId} …`)
  const way = await createExit({ rpcUrl, deployment, account, concede })
  const isReal = yes && !dryRun
  const result: ExitResult = isReal
    ? await way.run({
        wait,
        signal: world.signal,
        onDone: ({ contract, what, does, hash }) =>
          output.progress(say`${contract}: ${recognised(what)}: to ${recognised(does)}, done in ${hash}`),
        onWait: (until) => output.progress(say`Waiting until ${showDate(until)}; Ctrl-C is safe`),
      })
    : { done: [], refused: [], left: await way.survey() }
  report(session, { id: deployment.id, account: account.address, isReal }, result)
}

function report(
  { world, output }: Session,
  { id, account, isReal }: { id: string; account: string; isReal: boolean },
  { done, refused, left }: ExitResult,
): void {
  const refusals = refused.map(({ contract, what, error }) => ({ contract, what, error: error.message }))
  const nextAt = Math.min(...left.flatMap(({ next }) => (next.kind === 'wait' ? [next.until] : [])))
  const amount = left.reduce((sum, item) => sum + item.amount, 0n)
  const value = { deployment: id, account, done, refused: refusals, left, amount }
  output.result({ ...value, ...(nextAt < Infinity && { nextAt }) }, [
    say`Deployment  ${id}`,
    say`Account     ${account}`,
    ...(isReal ? [say`Taken       ${counted(done.length, 'step')}`] : []),
    ...left.map(show),
    ...refused.map(
      ({ contract, what, error }) =>
        say`  refused   ${contract}: ${recognised(what)}: ${inWords(error, world.env)}`,
    ),
    verdict(left, isReal, nextAt),
  ])
  if (refused.length > 0) {
    const message = `The chain refused ${refused.length} of the steps`
    throw new CliError(message, { code: 'PARTLY_TAKEN', refused: refused.length })
  }
}

function verdict(left: readonly ExitItem[], isReal: boolean, nextAt: number): Text {
  if (left.length === 0) return say`The deployment holds nothing of this account`
  if (!isReal) return say`Nothing was sent. Add --yes to take what can be taken now`
  return nextAt < Infinity
    ? say`Run it again after ${showDate(nextAt)}, or now with --wait`
    : say`Nothing more can be taken now`
}

function show({ contract, what, amount, next }: ExitItem): Text {
  const item = say`${contract}: ${recognised(what)}${amount > 0n ? say`, ${formatAmount(amount)} tokens` : ''}`
  if (next.kind === 'call') return say`  now       ${item}: ${recognised(next.does)}`
  if (next.kind === 'wait')
    return say`  later     ${item}: ${recognised(next.then)} from ${showDate(next.until)} on`
  if (next.kind === 'streams') return say`  streams   ${item}: until ${showDate(next.until)}`
  return say`  others    ${item}: ${recognised(next.why)}`
}
