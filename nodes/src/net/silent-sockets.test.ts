import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Net } from './host.ts'
import { startHost } from './host.ts'
import { testHost, until } from './test-hosts.ts'
import { certificateFiles } from './testing/certificate.ts'

const started: Net[] = []
const sockets: Socket[] = []

async function hostAt(address: string, config: Parameters<typeof testHost>[1] = {}): Promise<Net> {
  const net = await testHost([address], { ...config, handshakeMs: 400 })
  await startHost(net)
  started.push(net)
  return net
}

/** A socket that says no more than this. */
function socketTo(net: Net, text: string): Socket {
  const port = Number(/tcp\/(\d+)/.exec(String(net.getMultiaddrs()[0]))?.[1])
  const socket = connect({ host: '127.0.0.1', port })
  socket.on('error', () => undefined)
  if (text) socket.write(text)
  sockets.push(socket)
  return socket
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(started.splice(0).map(async (net) => net.stop()))
})

describe('a socket that does not get on', () => {
  it.each([
    { transport: 'TCP', address: '/ip4/127.0.0.1/tcp/0', text: '' },
    { transport: 'WebSocket', address: '/ip4/127.0.0.1/tcp/0/ws', text: '' },
    {
      transport: 'WebSocket',
      address: '/ip4/127.0.0.1/tcp/0/ws',
      text: 'GET / HTTP/1.1\r\nUpgrade: websocket\r\n',
    },
  ])('is dropped: $transport, after "$text"', async ({ address, text }) => {
    const socket = socketTo(await hostAt(address), text)
    await until(() => socket.closed)
  })

  it('is dropped under TLS too', async () => {
    const { certFile, keyFile } = await certificateFiles()
    const net = await hostAt('/ip4/127.0.0.1/tcp/0/tls/ws', { tls: { certFile, keyFile } })
    const socket = socketTo(net, '\x16\x03\x01')
    await until(() => socket.closed)
  })

  it('is left alone once it is a WebSocket', async () => {
    const net = await hostAt('/ip4/127.0.0.1/tcp/0/ws')
    const guest = await testHost([])
    await startHost(guest)
    started.push(guest)
    const connection = await guest.dial(net.getMultiaddrs())
    await new Promise((resolve) => setTimeout(resolve, 900))
    expect(connection.status).toBe('open')
  })
})
