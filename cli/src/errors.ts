import { TeahouseError } from '@teahouse/protocol/errors'
import { shown, type Text } from './texts/say.ts'

/** What the command line itself finds wrong. `USAGE` ends with exit code 2, the others with 1. */
export class CliError extends TeahouseError<
  | { readonly code: 'USAGE'; readonly hint: string; readonly said: readonly [message: Text, hint: Text] }
  | { readonly code: 'NO_NETWORK'; readonly path: string }
  | { readonly code: 'BAD_NETWORK_FILE'; readonly path: string }
  | { readonly code: 'NO_ACCOUNT'; readonly name: string }
  | { readonly code: 'ACCOUNT_EXISTS'; readonly name: string }
  | { readonly code: 'BAD_ACCOUNT_FILE'; readonly path: string }
  | { readonly code: 'NOT_LOCAL'; readonly chainId: number }
  | { readonly code: 'BAD_CONFIG'; readonly path: string }
  | { readonly code: 'NODES_DOWN'; readonly down: readonly string[] }
  | { readonly code: 'TIMED_OUT'; readonly afterSeconds: number }
  | { readonly code: 'UNKNOWN_DEPLOYMENT'; readonly id: string; readonly known: readonly string[] }
  | { readonly code: 'BAD_DEPLOYMENT_FILE'; readonly path: string }
  | { readonly code: 'BAD_KEY_FILE'; readonly path: string }
  | { readonly code: 'PARTLY_TAKEN'; readonly refused: number }
  | { readonly code: 'PARTLY_SENT'; readonly failed: number }
  | { readonly code: 'NO_ARCHIVE'; readonly path: string }
  | { readonly code: 'NO_PASSPHRASE' }
  | { readonly code: 'BAD_PASSPHRASE_FILE'; readonly path: string }
  | { readonly code: 'PASSPHRASES_DIFFER' }
  | { readonly code: 'INTERRUPTED' }
  | { readonly code: 'FILE_EXISTS'; readonly path: string }
  | { readonly code: 'NO_FILE'; readonly path: string }
  | { readonly code: 'NO_NODE_FOLDER'; readonly path: string }
  | { readonly code: 'NODE_FOLDER_EXISTS'; readonly path: string }
  | { readonly code: 'BAD_OPERATOR_FILE'; readonly path: string }
  | { readonly code: 'NO_NODE_PASSPHRASE' }
  | { readonly code: 'VOUCHERS_PENDING'; readonly pending: bigint; readonly hint: string }
  | { readonly code: 'NOT_CONFIRMED' }
  | { readonly code: 'NO_OPERATOR'; readonly path: string }
  | { readonly code: 'NODE_RUNS'; readonly apiUrl: string }
  | { readonly code: 'NODE_DOWN'; readonly apiUrl: string }
  | { readonly code: 'APP_FAILED'; readonly file: string }
  /** `reason` is the node's own word. */
  | { readonly code: 'NOT_FORGOTTEN'; readonly reason: string }
  | { readonly code: 'CHECKS_FAILED'; readonly failed: readonly string[] }
> {}

/** A wrong argument; `hint` shows a right one. */
export const usage = (message: Text, hint: Text): CliError =>
  new CliError(shown(message), { code: 'USAGE', hint: shown(hint), said: [message, hint] })
