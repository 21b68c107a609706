import { TeahouseError } from '@teahouse/protocol/errors'

/** What stops `npm run deploy` and `npm run deployments:check`. `USAGE` ends with exit code 2, the others with 1. */
export class DeployError extends TeahouseError<
  | { readonly code: 'USAGE' }
  | { readonly code: 'BAD_PARAMETERS'; readonly file: string; readonly names: readonly string[] }
  | { readonly code: 'NO_TOKEN'; readonly chainId: number }
  | { readonly code: 'NOT_A_CONTRACT'; readonly address: string }
  | { readonly code: 'NO_NETWORK'; readonly network: string }
  | { readonly code: 'NOT_ENOUGH_COINS'; readonly needed: bigint; readonly balance: bigint }
  | { readonly code: 'NOT_CONFIRMED' }
  | { readonly code: 'CONSTRUCTOR_REFUSED' }
  | { readonly code: 'INTERRUPTED'; readonly journal: string }
  | { readonly code: 'BAD_JOURNAL'; readonly journal: string }
  | { readonly code: 'BAD_RECORD'; readonly file: string }
  | { readonly code: 'WRONG_CHAIN'; readonly expected: number; readonly actual: number }
> {}
