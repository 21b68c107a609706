import { isTeahouseError } from '@teahouse/protocol/errors'
import { children, type Ending } from './children.ts'
import { HOW_TO_JOIN } from './how-to-join.ts'
import { takeInstanceLock } from './instance-lock.ts'
import { retireLocalNetwork } from './local-network.ts'
import { HELP, readOptions } from './options.ts'
import { paths } from './paths.ts'
import { StartError } from './start-error.ts'
import { stopRequest } from './stop-request.ts'
import { walk } from './walk.ts'

const say = (text: string) => process.stdout.write(text)

/** @returns the exit code: 0 if all that was asked for held. @throws StartError and what a step throws. */
async function main(): Promise<number> {
  const options = await readOptions(process.argv.slice(2))
  if (options === 'help') {
    say(HELP)
    return 0
  }
  const home = paths()
  const stop = stopRequest()
  const lock = await takeInstanceLock(home.lock)
  retireLocalNetwork(home.localNetwork, false) // of a run that was killed
  const { promise: lost, reject: lose } = Promise.withResolvers<never>()
  lost.catch(() => undefined)
  const processes = children(lock, (ending) => {
    say(noteOf(ending))
    if (!ending.startedAgain)
      lose(new StartError(`${ending.name} is gone`, { code: 'PROCESS_ENDED', name: ending.name }))
  })
  try {
    const outcome = await Promise.race([walk({ options, home, processes, out: process.stdout }), stop, lost])
    if (outcome === 'stop') return STOPPED_EARLY
    if (!options.once) {
      say(HOW_TO_JOIN)
      await Promise.race([stop, lost])
    }
    return 0
  } finally {
    say('\nStopping the nodes and the chain …\n')
    await processes.endAll()
    retireLocalNetwork(home.localNetwork, options.once)
    lock.release()
  }
}

/** As a shell says it for a program that was interrupted. */
const STOPPED_EARLY = 130
const USAGE_CODES = new Set(['USAGE', 'MESSAGE_UNREADABLE', 'MESSAGE_TOO_LARGE', 'ALREADY_RUNNING'])

function noteOf({ name, how, startedAgain }: Ending): string {
  return `   ${name} ended (${how})${startedAgain ? '; it is started again' : ''}\n`
}

function exitCodeOf(error: unknown): number {
  if (isTeahouseError(error) && USAGE_CODES.has(error.code)) {
    process.stderr.write(`${error.message}\n`)
    return 2
  }
  process.stderr.write(`\n${explain(error)}\n`)
  return 1
}

/** The error and its causes, one a line: what broke first, then why. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = isTeahouseError(error) ? ` [${error.code}]` : ''
  const line = `${error.name}${code}: ${error.message}`
  return error.cause === undefined ? line : `${line}\n  because ${explain(error.cause)}`
}

process.exit(await main().catch(exitCodeOf))
