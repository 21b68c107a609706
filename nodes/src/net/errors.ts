import { TeahouseError } from '@teahouse/protocol/errors'

export type NetErrorDetail =
  | { readonly code: 'PORT_TAKEN'; readonly address: string | undefined }
  | { readonly code: 'PORT_FORBIDDEN'; readonly address: string | undefined }
  | { readonly code: 'LISTEN_FAILED' }
  /** WebRTC is listened on, and its native code can't be loaded. */
  | { readonly code: 'WEBRTC_MISSING' }
  /** A `/tls/ws` address without `net.tls`. */
  | { readonly code: 'TLS_NOT_CONFIGURED'; readonly address: string }
  | {
      readonly code: 'CERTIFICATE_UNREADABLE' | 'CERTIFICATE_INVALID' | 'CERTIFICATE_MISMATCH'
      readonly path: string
    }

/** The host cannot start. */
export class NetError extends TeahouseError<NetErrorDetail> {}

/** What starting threw, as `PORT_TAKEN`, `PORT_FORBIDDEN` or `LISTEN_FAILED` with the addresses asked for. */
export function listenError(cause: unknown): NetError {
  const text = describe(cause)
  const where = /(?:EADDRINUSE|EACCES)[^\d]*?((?:\d+\.){3}\d+|[\da-f:]+)?:(\d+)/.exec(text)
  const address = where?.[2] === undefined ? undefined : `${where[1] ?? ''}:${where[2]}`
  if (text.includes('EADDRINUSE')) {
    const message = `The address ${address ?? ''} to listen on is taken by another process`
    return new NetError(message, { code: 'PORT_TAKEN', address }, { cause })
  }
  // All that the WebRTC library tells of a UDP port that it can't have.
  if (text.includes('ICE UDP mux')) {
    const message = 'The UDP port of a /webrtc-direct address cannot be had; another process may hold it'
    return new NetError(message, { code: 'PORT_TAKEN', address: undefined }, { cause })
  }
  if (text.includes('EACCES')) {
    return new NetError(
      `Not allowed to listen on ${address ?? 'the address'}`,
      { code: 'PORT_FORBIDDEN', address },
      { cause },
    )
  }
  return new NetError(`The node cannot listen: ${text}`, { code: 'LISTEN_FAILED' }, { cause })
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const inner = error instanceof AggregateError ? error.errors.map(describe) : []
  const cause = error.cause === undefined ? [] : [describe(error.cause)]
  return [error.message, ...inner, ...cause].join('; ')
}
