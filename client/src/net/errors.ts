import { TeahouseError } from '@teahouse/protocol/errors'

export class NetError extends TeahouseError<
  | { readonly code: 'NO_NODES'; readonly service: string }
  | { readonly code: 'UNKNOWN_NODE'; readonly node: string }
  | { readonly code: 'UNREACHABLE'; readonly peerId: string }
  | { readonly code: 'NO_ANSWER'; readonly peerId: string; readonly protocol: string }
  | { readonly code: 'BAD_ANSWER'; readonly peerId: string; readonly protocol: string }
> {}
