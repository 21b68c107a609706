import { TeahouseError } from '@teahouse/protocol/errors'

/** A node does not wake a device; `description` is the node's own word. */
export class WakeError extends TeahouseError<{
  readonly code: 'REFUSED'
  readonly status: number
  readonly description: string
  readonly peerId: string
}> {}
