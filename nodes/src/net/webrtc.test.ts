import { createSocket } from 'node:dgram'
import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startHost } from './host.ts'
import { testHost } from './test-hosts.ts'
import { newCertificate } from './testing/certificate.ts'
import { keptCertificate, webRtcTransport } from './webrtc.ts'

const LISTEN = ['/ip4/127.0.0.1/udp/0/webrtc-direct']
const newFolder = () => mkdtemp(join(tmpdir(), 'teahouse-webrtc-'))

describe('WebRTC-direct', () => {
  it('connects two hosts, under an address that outlives a restart', async () => {
    const dataDir = await newFolder()
    const [net, guest] = await Promise.all([testHost(LISTEN, {}, dataDir), testHost(LISTEN, {})])
    await Promise.all([startHost(net), startHost(guest)])
    const address = net.getMultiaddrs()[0]!
    const connection = await guest.dial(address)
    expect(connection.remotePeer.toString()).toBe(net.peerId.toString())
    expect(await guest.services.ping.ping(address)).toBeGreaterThanOrEqual(0)
    await Promise.all([net.stop(), guest.stop()])

    const again = await testHost(LISTEN, {}, dataDir)
    await startHost(again)
    const certhash = (text: string) => /certhash\/(\w[\w-]+)/.exec(text)?.[1]
    expect(certhash(String(again.getMultiaddrs()[0]))).toBe(certhash(String(address)))
    await again.stop()
  })

  it('adds the hash of its certificate to an address that it announces', async () => {
    const announce = ['/ip4/203.0.113.7/udp/9090/webrtc-direct']
    const net = await testHost(LISTEN, { announce })
    await startHost(net)
    expect(String(net.getMultiaddrs()[0])).toMatch(
      /^\/ip4\/203\.0\.113\.7\/udp\/9090\/webrtc-direct\/certhash\/uEi/,
    )
    await net.stop()
  })

  it('writes the certificate down for the owner of the file alone', async () => {
    const path = join(await newFolder(), 'webrtc.pem')
    const first = await keptCertificate(path)
    expect(await keptCertificate(path)).toEqual(first)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })
})

describe('when it must refuse', () => {
  it('a UDP port that is taken is PORT_TAKEN', async () => {
    const other = createSocket('udp4')
    await new Promise<void>((resolve) => other.bind(0, '127.0.0.1', resolve))
    const net = await testHost([`/ip4/127.0.0.1/udp/${other.address().port}/webrtc-direct`])
    await expect(startHost(net)).rejects.toMatchObject({ code: 'PORT_TAKEN' })
    other.close()
  })

  it('a platform without the native code: says what to do', async () => {
    const load = () => Promise.reject(new Error('Cannot find module @node-datachannel/…'))
    const refused = webRtcTransport(undefined, load)
    await expect(refused).rejects.toMatchObject({ code: 'WEBRTC_MISSING' })
    await expect(refused).rejects.toThrow(/remove the \/webrtc-direct addresses/)
  })

  it.each([
    { given: 'what is no certificate', content: () => Promise.resolve('-----BEGIN CERTIFICATE-----') },
    {
      given: 'the key of another certificate',
      content: async () => (await newCertificate()).key + (await newCertificate()).cert,
    },
  ])('a file with $given is DATA_CORRUPT, and is left alone', async ({ content }) => {
    const path = join(await newFolder(), 'webrtc.pem')
    const text = await content()
    await writeFile(path, text)
    await expect(keptCertificate(path)).rejects.toMatchObject({ detail: { code: 'DATA_CORRUPT', path } })
    expect(await readFile(path, 'utf8')).toBe(text)
  })
})
