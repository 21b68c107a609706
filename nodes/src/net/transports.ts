import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { tcp } from '@libp2p/tcp'
import type { TLSCertificate } from '@libp2p/interface'
import { webSockets } from '@libp2p/websockets'
import { limited, type Bandwidth } from './bandwidth.ts'
import { NetError } from './errors.ts'
import { webRtcTransport } from './webrtc.ts'

export interface TransportsInit {
  /** The multiaddrs that are listened on. */
  readonly listen: readonly string[]
  /** The certificate of `/tls/ws`. */
  readonly certificate?: TLSCertificate | undefined
  /** Where the certificate of WebRTC is kept. */
  readonly webRtcFile?: string | undefined
  /** What all connections together may send and receive. */
  readonly bandwidth: Bandwidth
}

/** The transports that the addresses ask for; TCP, WebSocket and relayed connections always. @throws NetError, DataError. */
export async function transports({ listen, certificate, webRtcFile, bandwidth }: TransportsInit) {
  const secure = listen.find((address) => address.includes('/tls/ws') || address.endsWith('/wss'))
  if (secure !== undefined && !certificate) {
    const text = `${secure} needs a certificate: set net.tls.certFile and net.tls.keyFile`
    throw new NetError(text, { code: 'TLS_NOT_CONFIGURED', address: secure })
  }
  const webRtc = listen.some((address) => address.includes('/webrtc-direct'))
  return [
    limited(tcp(), bandwidth),
    limited(webSockets(certificate ? { https: { ...certificate } } : {}), bandwidth),
    circuitRelayTransport(),
    ...(webRtc ? [limited(await webRtcTransport(webRtcFile), bandwidth)] : []),
  ]
}
