import { TeahouseError } from '@teahouse/protocol/errors'
import type { DeviceAddress } from './types.ts'

/** Why the encryption refuses something. Nothing changed when it is thrown; no detail holds a key or content. */
export class SecureError extends TeahouseError<
  /** A card or bundle that nobody could have made so: damaged, forged, or of another version. */
  | { readonly code: 'BAD_CARD'; readonly why: string }
  | { readonly code: 'BAD_BUNDLE'; readonly why: string }
  /** The bundle is of another account than the one that was asked for. */
  | { readonly code: 'WRONG_ACCOUNT'; readonly account: string }
  /** There is no session with this device to send on: `start` one. */
  | { readonly code: 'NO_SESSION'; readonly to: DeviceAddress }
  /** The side that answers can't send before it has received. */
  | { readonly code: 'NOT_READY' }
  /** The message is for us, but was damaged or is not by whom it claims to be. */
  | { readonly code: 'TAMPERED' }
  /** It was opened before, or its key was given up: too old, or pushed out by many others that are missing. */
  | { readonly code: 'REPLAYED' }
  /** So many messages before it are missing that their keys will not be kept. */
  | { readonly code: 'TOO_FAR'; readonly missing: number; readonly limit: number }
  /**
   * It began a session with a prekey that is gone. `claimed` says from whom it is, which nothing proves: start a session
   * with that device, and it will send again.
   */
  | { readonly code: 'PREKEY_GONE'; readonly claimed: DeviceAddress }
  /** The store holds another state than the one worked with: another process used it. It was read again; try again. */
  | { readonly code: 'CONFLICT' }
  /** A record can't be opened: a wrong storage key, or damage. */
  | { readonly code: 'DAMAGED'; readonly key: string }
  /** An X25519 public key of low order, which no honest device has. */
  | { readonly code: 'BAD_KEY' }
  | { readonly code: 'BAD_OPTION'; readonly option: string }
  | { readonly code: 'CLOSED' }
> {}

export function isConflict(error: unknown): boolean {
  return error instanceof SecureError && error.code === 'CONFLICT'
}
