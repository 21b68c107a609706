import { TeahouseError } from '@teahouse/protocol/errors'

export type NetErrorDetail =
  | { readonly code: 'PORT_TAKEN'; readonly address: string | undefined }
  | { readonly code: 'PORT_FORBIDDEN'; readonly address: string | undefined }
  | { readonly code: 'LISTEN_FAILED' }

/** The host cannot start. */
export class NetError extends TeahouseError<NetErrorDetail> {}
