import { readFile, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { connect, getCACertificates, setDefaultCACertificates } from 'node:tls'
import { X509Certificate } from 'node:crypto'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, describe, expect, it } from 'vitest'
import type { Net } from './host.ts'
import { startHost } from './host.ts'
import { testHost } from './test-hosts.ts'
import { certificateFiles } from './testing/certificate.ts'

const started: Net[] = []

async function secureHost({ certFile, keyFile }: { certFile: string; keyFile: string }): Promise<Net> {
  const tls = { certFile, keyFile, reloadMs: 100 }
  const net = await testHost(['/ip4/127.0.0.1/tcp/0/tls/ws'], { tls, handshakeMs: 1_000 })
  await startHost(net)
  started.push(net)
  return net
}

const portOf = (net: Net) => Number(/tcp\/(\d+)\/tls\/ws/.exec(String(net.getMultiaddrs()[0]))?.[1])

/** The certificate that a server shows. */
async function shown(net: Net): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: portOf(net), rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { raw } = socket.getPeerCertificate()
  socket.destroy()
  return new X509Certificate(raw).fingerprint256
}

afterEach(async () => {
  await Promise.all(started.splice(0).map(async (net) => net.stop()))
})

describe('secure WebSocket', () => {
  it('is dialled by its name, with the certificate checked, and stays open', async () => {
    const files = await certificateFiles()
    const net = await secureHost(files)
    const address = multiaddr(`/dns4/localhost/tcp/${portOf(net)}/tls/ws/p2p/${net.peerId.toString()}`)
    const guest = await testHost([])
    await startHost(guest)
    started.push(guest)
    await expect(guest.dial(address)).rejects.toThrow()
    setDefaultCACertificates([...getCACertificates(), files.cert])
    const connection = await guest.dial(address)
    expect(connection.remotePeer.toString()).toBe(net.peerId.toString())
    await new Promise((resolve) => setTimeout(resolve, 1_300))
    expect(connection.status).toBe('open')
  })

  it('takes a renewed certificate without a restart, and keeps the old one while the new one can’t be used', async () => {
    const files = await certificateFiles()
    const net = await secureHost(files)
    const first = new X509Certificate(files.cert).fingerprint256
    expect(await shown(net)).toBe(first)
    await writeFile(files.certFile, 'half a certificate')
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(await shown(net)).toBe(first)
    const second = new X509Certificate(await files.renew()).fingerprint256
    await expect.poll(() => shown(net)).toBe(second)
    const { validTo } = new X509Certificate(await readFile(files.certFile))
    expect(net.services.certificateWatch?.expiresAt).toBe(Date.parse(validTo) / 1_000)
  })
})

describe('when it must refuse', () => {
  it.each([
    {
      given: 'no certificate at all',
      tls: () => Promise.resolve(undefined),
      code: 'TLS_NOT_CONFIGURED',
    },
    {
      given: 'a file that is not there',
      tls: async () => ({ ...(await certificateFiles()), certFile: '/nowhere/cert.pem' }),
      code: 'CERTIFICATE_UNREADABLE',
    },
    {
      given: 'a key where the certificate should be',
      tls: async () => {
        const { keyFile } = await certificateFiles()
        return { certFile: keyFile, keyFile }
      },
      code: 'CERTIFICATE_INVALID',
    },
    {
      given: 'the key of another certificate',
      tls: async () => ({ ...(await certificateFiles()), keyFile: (await certificateFiles()).keyFile }),
      code: 'CERTIFICATE_MISMATCH',
    },
  ])('$given is $code', async ({ tls, code }) => {
    const files = await tls()
    const { certFile, keyFile } = files ?? {}
    const config = certFile && keyFile ? { tls: { certFile, keyFile } } : {}
    await expect(testHost(['/ip4/127.0.0.1/tcp/0/tls/ws'], config)).rejects.toMatchObject({ code })
  })
})
