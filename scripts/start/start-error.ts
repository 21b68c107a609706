import { TeahouseError } from '@teahouse/protocol/errors'

export type StartErrorDetail =
  | { readonly code: 'USAGE' }
  | { readonly code: 'MESSAGE_UNREADABLE'; readonly path: string }
  | { readonly code: 'MESSAGE_TOO_LARGE'; readonly size: number; readonly limit: number }
  | { readonly code: 'ALREADY_RUNNING'; readonly pid: number }
  | { readonly code: 'PROCESS_ENDED'; readonly name: string }
  | { readonly code: 'NOT_READY'; readonly name: string; readonly waitedMs: number }
  | { readonly code: 'STEP_BROKE_ITS_WORD'; readonly expected: string }

/** What stops `npm start`: a wrong command line, a process that died, or a step that did not hold. */
export class StartError extends TeahouseError<StartErrorDetail> {}

/** Asserts what a step promises. @throws StartError `STEP_BROKE_ITS_WORD` naming the promise. */
export function must(holds: boolean, expected: string): asserts holds {
  if (!holds)
    throw new StartError(`This did not hold: ${expected}.`, { code: 'STEP_BROKE_ITS_WORD', expected })
}

/** As `must`, for two values that have to be the same; both are named when they are not. */
export function mustEqual(actual: unknown, wanted: unknown, what: string): void {
  must(actual === wanted, `${what} is ${String(wanted)} (found ${String(actual)})`)
}
