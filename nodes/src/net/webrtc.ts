import { createHash, createPrivateKey, KeyObject, randomBytes, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { DataError, writeSecretFile } from '../files.ts'
import { NetError } from './errors.ts'

/** A certificate as `@libp2p/webrtc` takes it: key and certificate as PEM, and the hash that ends the node's addresses. */
export interface WebRtcCertificate {
  readonly privateKey: string
  readonly pem: string
  readonly certhash: string
}

/** "No well-defined expiration date", RFC 5280, 4.1.2.5: peers check the hash in the address, and nothing else. */
const FOR_EVER = new Date('9999-12-31T23:59:59Z')
const SHA256_MULTIHASH = [0x12, 0x20]
const BLOCK = (label: string) => new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----`)

const libraryOf = () => import('@libp2p/webrtc')

/**
 * WebRTC-direct. Loaded only by a node that listens on it: it brings native code, which not every platform has.
 * The certificate is kept in `certificateFile`, so that addresses stay the same; without it there is a new one each time.
 * @throws NetError WEBRTC_MISSING, DataError.
 */
export async function webRtcTransport(certificateFile: string | undefined, load = libraryOf) {
  const { webRTCDirect } = await load().catch((cause: unknown) => {
    const text =
      'WebRTC cannot be loaded on this platform: remove the /webrtc-direct addresses from `listen`, or install the package ' +
      '@node-datachannel/… of the platform'
    throw new NetError(text, { code: 'WEBRTC_MISSING' }, { cause })
  })
  const certificate = certificateFile ? await keptCertificate(certificateFile) : asCertificate(await create())
  return webRTCDirect({ certificate })
}

/** Reads the certificate, or makes it and writes it down first. @throws DataError. */
export async function keptCertificate(path: string): Promise<WebRtcCertificate> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new DataError(`Can't read ${path}`, { code: 'DATA_UNREADABLE', path }, { cause })
  })
  if (text !== undefined) return parse(text, path)
  const created = await create()
  await writeSecretFile(path, created)
  return asCertificate(created)
}

function parse(text: string, path: string): WebRtcCertificate {
  try {
    return asCertificate(text)
  } catch (cause) {
    const what = `${path} holds no key with its certificate. Restore it, or remove it: the node then gets other addresses`
    throw new DataError(what, { code: 'DATA_CORRUPT', path }, { cause })
  }
}

function asCertificate(text: string): WebRtcCertificate {
  const [privateKey, pem] = ['PRIVATE KEY', 'CERTIFICATE'].map((label) => BLOCK(label).exec(text)?.[0] ?? '')
  const certificate = new X509Certificate(pem!)
  if (!certificate.checkPrivateKey(createPrivateKey(privateKey!))) throw new TypeError('of another key')
  const digest = createHash('sha256').update(certificate.raw).digest()
  const certhash = `u${Buffer.concat([Buffer.from(SHA256_MULTIHASH), digest]).toString('base64url')}`
  return { privateKey: privateKey!, pem: pem!, certhash }
}

/** A key on P-256, the one curve that all browsers take, with a certificate that it signs itself; both as PEM. */
async function create(): Promise<string> {
  await import('reflect-metadata')
  const { X509CertificateGenerator } = await import('@peculiar/x509')
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: randomBytes(8).toString('hex'),
      name: 'CN=teahouse',
      notBefore: new Date(0),
      notAfter: FOR_EVER,
      keys,
      signingAlgorithm: algorithm,
    },
    crypto,
  )
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' })
  return `${key.toString().trim()}\n${certificate.toString('pem')}\n`
}
