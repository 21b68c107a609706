import { pino, type DestinationStream, type Logger } from 'pino'

/** Fields that never reach a log: keys, what people say and where, and where they are. */
const REDACTED = [
  'privateKey',
  'secret',
  'payload',
  'contentTopic',
  'ip',
  '*.privateKey',
  '*.secret',
  '*.payload',
  '*.contentTopic',
]

/** The node's log: one JSON object a line, on standard output unless told otherwise. */
export function createLog(level: string, destination?: DestinationStream): Logger {
  const options = { level, base: null, redact: REDACTED, timestamp: pino.stdTimeFunctions.isoTime }
  return destination === undefined ? pino(options) : pino(options, destination)
}
