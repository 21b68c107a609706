import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Libp2pEvents, TLSCertificate, TypedEventTarget } from '@libp2p/interface'
import type { Logger } from 'pino'
import { z } from 'zod'
import { NetError } from './errors.ts'

/** The certificate of secure WebSocket, for `/tls/ws` addresses. */
export const TlsConfig = z.strictObject({
  /** PEM: the certificate, then those that sign it. */
  certFile: z.string().min(1),
  /** PEM, without a passphrase. */
  keyFile: z.string().min(1),
  /** Milliseconds between two looks at the files. */
  reloadMs: z.int().min(100).default(60_000),
})
export type TlsConfig = z.output<typeof TlsConfig>

/** Reads certificate and key, and checks that they belong together. @throws NetError. */
export async function readCertificate({
  certFile,
  keyFile,
}: Pick<TlsConfig, 'certFile' | 'keyFile'>): Promise<TLSCertificate> {
  const [cert, key] = await Promise.all([readPem(certFile), readPem(keyFile)])
  const certificate = parse(certFile, 'certificate', () => new X509Certificate(cert))
  const privateKey = parse(keyFile, 'private key', () => createPrivateKey(key))
  if (!certificate.checkPrivateKey(privateKey)) {
    const what = `The certificate in ${certFile} is not of the key in ${keyFile}`
    throw new NetError(what, { code: 'CERTIFICATE_MISMATCH', path: certFile })
  }
  return { cert, key }
}

export interface CertificateWatch {
  /** Unix seconds at which the certificate in use ends. */
  readonly expiresAt: number
}

/** A service of the host: takes a renewed certificate without a restart. What can't be used is told once and left. */
export function certificateWatch(config: TlsConfig, inUse: TLSCertificate, log?: Logger) {
  return ({ events }: { events: TypedEventTarget<Libp2pEvents> }) => {
    let last = inUse
    let timer: NodeJS.Timeout | undefined
    let problem: string | undefined

    async function look(): Promise<void> {
      try {
        const read = await readCertificate(config)
        problem = undefined
        if (read.cert === last.cert && read.key === last.key) return
        last = read
        events.dispatchEvent(new CustomEvent('certificate:renew', { detail: read }))
        log?.info({ validTo: new X509Certificate(read.cert).validTo }, 'Took the renewed certificate')
      } catch (err) {
        if (problem === (err as Error).message) return
        problem = (err as Error).message
        log?.warn({ err }, 'Could not use the new certificate; keeping the old one')
      }
    }

    return {
      start() {
        timer = setInterval(() => void look(), config.reloadMs)
        timer.unref()
      },
      stop: () => clearInterval(timer),
      get expiresAt() {
        return Date.parse(new X509Certificate(last.cert).validTo) / 1_000
      },
    }
  }
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new NetError(`Can't read ${path} for /tls/ws`, { code: 'CERTIFICATE_UNREADABLE', path }, { cause })
  }
}

function parse<T>(path: string, what: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new NetError(`${path} holds no ${what} in PEM`, { code: 'CERTIFICATE_INVALID', path }, { cause })
  }
}
