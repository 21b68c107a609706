import { StorageError, type StorageErrorDetail } from '../../storage/index.ts'
import { EngineError } from '../errors.ts'
import type { SqliteTables } from './tables.ts'

export interface ThreadData {
  readonly path: string
  readonly readOnly: boolean
}

/** What a thread of the archive is asked. The answer with id 0 says that its database is open. */
export interface Call {
  readonly id: number
  readonly method: keyof SqliteTables | 'close'
  readonly args: readonly unknown[]
}

export type Answer = { readonly id: number } & (
  { readonly result: unknown; readonly error?: undefined } | { readonly error: PlainError }
)

/** An error as it crosses between threads, which keep neither its class nor its fields. */
interface PlainError {
  readonly message: string
  readonly stack: string | undefined
  /** Detail of a StorageError. */
  readonly storage: StorageErrorDetail | undefined
  /** Result code of SQLite, https://sqlite.org/rescode.html. */
  readonly errcode: number | undefined
}

export function asPlain(error: unknown): PlainError {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined }
  const storage = error instanceof StorageError ? error.detail : undefined
  return { message, stack, storage, errcode: (error as { errcode?: number }).errcode }
}

export function fromPlain({ message, stack, storage, errcode }: PlainError): Error {
  const error = storage
    ? new StorageError(message, storage)
    : new EngineError(message, { code: 'SQLITE', errcode })
  if (stack !== undefined) error.stack = stack
  return error
}
