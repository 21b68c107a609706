import { BLOB_STATUS } from '@teahouse/protocol/blob'
import { TeahouseError } from '@teahouse/protocol/errors'
import type { Hex } from 'viem'

/** A node that was asked for a chunk, and why it has not given it. */
export interface Asked {
  readonly peerId: string
  readonly why: string
}

export class FileError extends TeahouseError<
  /** A node's refusal; `description` is the node's own word. */
  | {
      readonly code: 'REFUSED' | 'TOO_MANY_REQUESTS'
      readonly status: number
      readonly description: string
      readonly peerId: string
    }
  | { readonly code: 'BAD_REFERENCE'; readonly why: 'format' | 'checksum' | 'version' | 'content' }
  /** No node that is left keeps it; what was stored stays, and another call with the same name goes on there. */
  | { readonly code: 'TOO_FEW_NODES'; readonly copies: number }
  /** No node has given this chunk. `level` is 0 for a part of the file, more for a list of chunks. */
  | {
      readonly code: 'MISSING'
      readonly level: number
      readonly index: number
      readonly root: Hex
      readonly asked: readonly Asked[]
    }
  /** A chunk is what its address says, but does not open under the reference's key, or is not a part of this file. */
  | { readonly code: 'NOT_THE_FILE'; readonly level: number; readonly index: number }
  | { readonly code: 'FILE_TOO_LARGE'; readonly limit: number }
  | { readonly code: 'BAD_OPTION'; readonly option: string }
> {}

/** The node can't do it now: it may a little later. */
export const isBusy = (error: unknown): boolean =>
  error instanceof FileError &&
  error.detail.code === 'REFUSED' &&
  error.detail.status === BLOB_STATUS.unavailable

/** The refusal that a status other than 200 stands for. */
export function refusal(status: number, description: string, peerId: string): FileError {
  const code = status === 429 ? 'TOO_MANY_REQUESTS' : 'REFUSED'
  const shown = description.slice(0, 200)
  const detail = { code, status, description: shown, peerId } as const
  return new FileError(`The node refused the chunk: ${status}${shown && `, ${shown}`}`, detail)
}
