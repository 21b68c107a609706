import {
  BaseError,
  decodeErrorResult,
  type Hex,
  HttpRequestError,
  isHex,
  TimeoutError,
  WebSocketRequestError,
} from 'viem'
import { TeahouseError } from '../errors.ts'
import { abis } from './abis.ts'

export type ChainErrorDetail =
  /** A contract refused; `error` and `args` are those of its custom error (or `Error`, `Panic`). */
  | { readonly code: 'REVERTED'; readonly error: string; readonly args: readonly unknown[] }
  /** A contract refused with data that no contract of a deployment declares. */
  | { readonly code: 'REVERTED_UNKNOWN'; readonly data: Hex }
  /** The endpoint gave no answer. */
  | { readonly code: 'UNREACHABLE' }
  /** The endpoint answered with an error, or refused the transaction. */
  | { readonly code: 'RPC' }
  /** A log is not the event that it should be. */
  | { readonly code: 'BAD_LOG'; readonly event: string }

/** What can go wrong between us and the chain. */
export class ChainError extends TeahouseError<ChainErrorDetail> {}

const ALL_ABIS = Object.values(abis).flat()

/** Turns whatever a viem call threw into a ChainError; gives a ChainError back unchanged. */
export function chainError(cause: unknown): ChainError {
  if (cause instanceof ChainError) return cause
  const data = revertData(cause)
  if (data !== undefined) return revertError(data, cause)
  const unreachable = [HttpRequestError, WebSocketRequestError, TimeoutError].some((kind) =>
    within(cause, kind),
  )
  if (unreachable)
    return new ChainError('The RPC endpoint gave no answer', { code: 'UNREACHABLE' }, { cause })
  const reason = cause instanceof BaseError ? cause.shortMessage : String(cause)
  return new ChainError(`The chain call failed: ${reason}`, { code: 'RPC' }, { cause })
}

/** True if `error` is the revert of a contract with the custom error `name`. Also looks into viem's errors. */
export function isRevert(error: unknown, name: string): boolean {
  const { detail } = chainError(error)
  return detail.code === 'REVERTED' && detail.error === name
}

/** What a contract means that refused with `data`: ChainError REVERTED or REVERTED_UNKNOWN. */
export function revertError(data: Hex, cause?: unknown): ChainError {
  try {
    const { errorName, args } = decodeErrorResult({ abi: ALL_ABIS, data })
    const values: readonly unknown[] = args ?? []
    const message = `The contract refused: ${errorName}(${values.map(String).join(', ')})`
    return new ChainError(message, { code: 'REVERTED', error: errorName, args: values }, { cause })
  } catch {
    return new ChainError(`The contract refused with ${data}`, { code: 'REVERTED_UNKNOWN', data }, { cause })
  }
}

function within(error: unknown, kind: abstract new (...args: never[]) => Error): boolean {
  return error instanceof BaseError && error.walk((inner) => inner instanceof kind) !== null
}

/** The data of a revert somewhere in the chain of causes: providers nest it as `data`, `data.data` or `raw`. */
export function revertData(error: unknown): Hex | undefined {
  let inner: unknown = error
  for (let depth = 0; depth < 12 && typeof inner === 'object' && inner !== null; depth++) {
    const { data, raw, cause } = inner as { data?: unknown; raw?: unknown; cause?: unknown }
    const nested = typeof data === 'object' && data !== null ? (data as { data?: unknown }).data : undefined
    const found = [raw, data, nested].find((value) => isHex(value) && value.length >= 10)
    if (found !== undefined) return found as Hex
    inner = cause
  }
  return undefined
}
