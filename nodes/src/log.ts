import { pino, type DestinationStream, type LevelWithSilent, type Logger } from 'pino'

/** Fields that never reach a log: keys, what people say and where, and where they are. */
const REDACTED = [
  'privateKey',
  'secret',
  'token',
  'payload',
  'contentTopic',
  'ip',
  '*.privateKey',
  '*.secret',
  '*.token',
  '*.payload',
  '*.contentTopic',
]

/** Causes of causes that are told. */
const MAX_CAUSES = 5

/**
 * An error as the log tells it: name, code, one line, codes of the causes. Never its whole text or its fields: viem's errors carry the RPC
 * address with its path, and the arguments of calls, which may be secrets.
 */
export function errorInLog(error: unknown): object {
  if (!(error instanceof Error)) return { message: oneLine(String(error)) }
  const causes = []
  let { cause } = error
  for (; cause instanceof Error && causes.length < MAX_CAUSES; cause = cause.cause) causes.push(codeOf(cause))
  return {
    name: error.name,
    code: codeOf(error),
    message: oneLine(shortMessage(error)),
    ...(causes.length === 0 ? {} : { causes }),
  }
}

function codeOf(error: Error): string | number {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' || typeof code === 'number' ? code : error.name
}

function shortMessage(error: Error): string {
  const { shortMessage: short } = error as { shortMessage?: unknown }
  return typeof short === 'string' ? short : error.message
}

/** The first line, without what may be an address with a key in it or a field element. */
function oneLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '')
    .replace(/\b(\w+:\/\/)(?:[^\s/@]*@)?([^\s/]+)\S*/g, '$1$2')
    .replace(/\/(?:ip4|ip6|dns\w*)\/\S+/g, '[address]')
    .replace(/\b\d{40,}\b/g, '[number]')
    .slice(0, 300)
}

/** The node's log: one JSON object a line, on standard output unless told otherwise. */
export function createLog(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    redact: REDACTED,
    serializers: { err: errorInLog },
    timestamp: pino.stdTimeFunctions.isoTime,
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}

/**
 * Gives a function that changes the level of a log and of all that are made of it from now on. A child has a level of its own,
 * which does not follow its parent's.
 */
export function levelSetter(log: Logger): (level: LevelWithSilent) => void {
  const logs = [log]
  const before = log.onChild
  log.onChild = (child) => {
    logs.push(child)
    before.call(log, child)
  }
  return (level) => {
    for (const each of logs) each.level = level
  }
}
