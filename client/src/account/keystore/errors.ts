import { TeahouseError } from '@teahouse/protocol/errors'

export type KeystoreKind = 'account file' | 'web3 keystore' | 'RLN keystore'

/** None of them repeats what the file holds. */
export class KeystoreError extends TeahouseError<
  | { readonly code: 'BAD_KEYSTORE'; readonly kind: KeystoreKind; readonly field: string }
  /** Opening it would take more memory or time than anybody's file has a reason to ask for. */
  | { readonly code: 'TOO_COSTLY'; readonly kdf: 'scrypt' | 'pbkdf2' }
  | { readonly code: 'NO_PASSPHRASE' }
  /** Wrong, or the file was changed: the two can't be told apart. */
  | { readonly code: 'WRONG_PASSPHRASE' }
  /** The file has no lock of this kind. */
  | { readonly code: 'NO_SUCH_LOCK'; readonly lock: string }
  /** An account file has at most so many locks. */
  | { readonly code: 'TOO_MANY_LOCKS'; readonly limit: number }
  | { readonly code: 'NO_CREDENTIAL'; readonly membershipHash: string }
> {}
