import { readFileSync, fstatSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { StartError } from './start-error.ts'

/** What `npm start` was asked to do. */
export interface StartOptions {
  /** Leave when every step has run, instead of staying up until Ctrl-C. */
  readonly once: boolean
  /** The bytes that Alice sends. */
  readonly message: Uint8Array
}

/** Room is left below the relay's limit of 150 KiB for the proof and the topic. */
const MESSAGE_LIMIT = 128 * 1024
const DEFAULT_MESSAGE = 'The tea is ready. Come when you can; I will keep your place at the table.'
/** How long an open but silent pipe is waited for before the default message is taken. */
const PIPE_PATIENCE_MS = 10_000

export const HELP = `npm start [-- OPTIONS]

Starts a local Teahouse network (a chain and three paid nodes), walks one message from Alice to Bob
through it, and stays up until Ctrl-C.

  --message FILE   what Alice sends (default: standard input when it is a pipe, else a greeting)
  --once           leave after the walk: exit 0 only if every step held
  --help           this text

TEAHOUSE_HOME names another folder than .teahouse for its data; with it, a second network can run beside the first.

Examples
  npm start
  npm start -- --once
  npm start -- --message letter.txt
  echo "Meet me at noon" | npm start -- --once
`

/**
 * Parses the command line of `npm start`.
 * @returns the options, or 'help' if they were asked for.
 * @throws StartError `USAGE` for an unknown flag, `MESSAGE_UNREADABLE`, `MESSAGE_TOO_LARGE`.
 */
export async function readOptions(argv: readonly string[]): Promise<StartOptions | 'help'> {
  const { values } = parse(argv)
  if (values.help) return 'help'
  const message = values.message === undefined ? await pipedMessage() : fileMessage(values.message)
  if (message.length > MESSAGE_LIMIT) {
    throw new StartError(`The message has ${message.length} bytes; at most ${MESSAGE_LIMIT} can be sent.`, {
      code: 'MESSAGE_TOO_LARGE',
      size: message.length,
      limit: MESSAGE_LIMIT,
    })
  }
  return { once: values.once, message }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        message: { type: 'string' },
        once: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new StartError(`${why}\nSee: npm start -- --help`, { code: 'USAGE' }, { cause })
  }
}

function fileMessage(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (cause) {
    const reason = `The message file ${path} cannot be read. Give a readable file after --message.`
    throw new StartError(reason, { code: 'MESSAGE_UNREADABLE', path }, { cause })
  }
}

async function pipedMessage(): Promise<Uint8Array> {
  const bytes = standardInputIsPiped() ? await readPipe() : new Uint8Array()
  return bytes.length > 0 ? bytes : new TextEncoder().encode(DEFAULT_MESSAGE)
}

function standardInputIsPiped(): boolean {
  try {
    const stat = fstatSync(0)
    return stat.isFIFO() || stat.isSocket() || stat.isFile()
  } catch {
    return false // no standard input at all
  }
}

function giveUpOnPipe(): void {
  const waited = `Nothing came on standard input for ${PIPE_PATIENCE_MS / 1_000} s`
  process.stderr.write(`${waited}: Alice sends a greeting instead. Use --message FILE for a slow source.\n`)
  process.stdin.destroy()
}

async function readPipe(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  const silence = setTimeout(giveUpOnPipe, PIPE_PATIENCE_MS)
  try {
    for await (const chunk of process.stdin) {
      clearTimeout(silence)
      chunks.push(chunk as Uint8Array)
    }
  } catch (cause) {
    if (chunks.length > 0)
      throw new StartError('Standard input broke off.', { code: 'MESSAGE_UNREADABLE', path: '-' }, { cause })
  } finally {
    clearTimeout(silence)
  }
  return Buffer.concat(chunks)
}
