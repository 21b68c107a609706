import { TeahouseError } from '@teahouse/protocol/errors'

export class ExitError extends TeahouseError<
  /** A newer release is needed: this one doesn't know what the deployment speaks. */
  { readonly code: 'UNKNOWN_ABIS'; readonly abiVersion: number }
> {}
