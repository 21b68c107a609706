import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { gossipMessageId } from './gossip.ts'
import { NetConfig } from './config.ts'
import { startHost } from './host.ts'
import { testHost } from './test-hosts.ts'

describe('startHost', () => {
  it.each(['', '/ws'])('says PORT_TAKEN when another process listens (%s)', async (suffix) => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as { port: number }
    const net = await testHost([`/ip4/127.0.0.1/tcp/${port}${suffix}`])
    await expect(startHost(net)).rejects.toMatchObject({
      detail: { code: 'PORT_TAKEN', address: `127.0.0.1:${port}` },
    })
    other.close()
  })

  it('fails when one of two addresses is taken', async () => {
    const first = await testHost(['/ip4/127.0.0.1/tcp/0'])
    await startHost(first)
    const port = /tcp\/(\d+)/.exec(String(first.getMultiaddrs()[0]))?.[1]
    const net = await testHost(['/ip4/127.0.0.1/tcp/0', `/ip4/127.0.0.1/tcp/${port}`])
    await expect(startHost(net)).rejects.toMatchObject({ code: 'PORT_TAKEN' })
    await first.stop()
  })

  it('refuses unknown settings', () => {
    expect(() => NetConfig.parse({ lisen: [] })).toThrowError()
  })
})

describe('gossipMessageId', () => {
  it('differs by topic and by every byte', () => {
    const ids = [
      gossipMessageId({ topic: 'a', data: Uint8Array.of(1) }),
      gossipMessageId({ topic: 'b', data: Uint8Array.of(1) }),
      gossipMessageId({ topic: 'a', data: Uint8Array.of(2) }),
    ].map((id) => Buffer.from(id).toString('hex'))
    expect(new Set(ids).size).toBe(3)
  })
})
