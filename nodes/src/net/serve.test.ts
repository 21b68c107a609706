import { frame, PROTOCOLS, readFrame, request, WireError, writeFrame } from '@teahouse/protocol/wire'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Net } from './host.ts'
import { serve, ServeConfig, type Served } from './serve.ts'
import { ask, open, SILENT, testHost, until } from './test-hosts.ts'

const ECHO = '/teahouse/test-echo/1'
const REFUSED = Uint8Array.of(255)
const limits = { maxBytes: 100, timeoutMs: 5_000 }

describe.each(['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'])('serve over %s', (listen) => {
  let server: Net
  let client: Net
  let echo: Served
  const refused: unknown[] = []

  beforeAll(async () => {
    server = await testHost([listen])
    client = await testHost([])
    echo = serve(server, SILENT, {
      ...ServeConfig.parse({ maxInboundStreams: 4, timeoutMs: 200, lingerMs: 200 }),
      protocol: ECHO,
      maxRequestBytes: 100,
      answer: async (bytes) => {
        if (bytes[0] === 0) throw new Error('fails')
        return bytes
      },
      refuse: (error) => {
        refused.push(error)
        return REFUSED
      },
    })
    await echo.start()
    await server.start()
    await client.start()
  })
  afterAll(async () => {
    await echo.stop()
    await Promise.all([server.stop(), client.stop()])
  })
  const streams = () =>
    server.getConnections().flatMap(({ streams }) => streams.filter(({ protocol }) => protocol === ECHO))

  it('answers a request', async () => {
    expect(await ask(client, server, ECHO, Uint8Array.of(1, 2))).toEqual(Uint8Array.of(1, 2))
  })

  it('lets a stream idle for longer than its timeout before the request', async () => {
    const stream = await open(client, server, ECHO)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(await request(stream, Uint8Array.of(7), limits)).toEqual(Uint8Array.of(7))
  })

  it('half-closes after the reply and frees a stream that the peer leaves open', async () => {
    const stream = await open(client, server, ECHO)
    await writeFrame(stream, Uint8Array.of(1))
    await readFrame(stream, limits)
    await until(() => stream.remoteWriteStatus === 'closed')
    await until(() => streams().length === 0)
  })

  it.each([
    { given: 'a frame over the limit', bytes: frame(new Uint8Array(101)), code: 'TOO_LARGE' },
    { given: 'an endless length prefix', bytes: new Uint8Array(10).fill(0xff), code: 'MALFORMED' },
    { given: 'an error of the handler', bytes: Uint8Array.of(1, 0), code: undefined },
  ])('when it must refuse: $given gets the protocol’s own answer', async ({ bytes, code }) => {
    const stream = await open(client, server, ECHO)
    stream.send(bytes)
    expect(await readFrame(stream, limits)).toEqual(REFUSED)
    expect((refused.at(-1) as WireError).code).toBe(code)
    stream.abort(new Error('done'))
  })

  it('when it must refuse: a truncated frame gets the protocol’s own answer', async () => {
    const stream = await open(client, server, ECHO)
    stream.send(Uint8Array.of(50, 1, 2))
    void stream.close()
    expect(await readFrame(stream, limits)).toEqual(REFUSED)
  })

  it('when it must refuse: a frame that stalls gets a reset', async () => {
    const stream = await open(client, server, ECHO)
    stream.send(Uint8Array.of(50, 1, 2))
    await expect(readFrame(stream, limits)).rejects.toMatchObject({ code: 'RESET' })
  })

  it('when it must refuse: more streams than allowed on one connection', async () => {
    await until(() => streams().length === 0)
    const opened = await Promise.allSettled(Array.from({ length: 12 }, () => open(client, server, ECHO)))
    await until(() => streams().length <= 4)
    for (const result of opened) if (result.status === 'fulfilled') result.value.abort(new Error('done'))
    await until(() => streams().length === 0)
    expect(await ask(client, server, ECHO, Uint8Array.of(1))).toEqual(Uint8Array.of(1))
  })

  it('survives any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
        const stream = await open(client, server, ECHO)
        stream.send(bytes)
        void stream.close()
        await readFrame(stream, limits).catch((error: unknown) => expect(error).toBeInstanceOf(WireError))
        stream.abort(new Error('done'))
      }),
      { numRuns: 30 },
    )
    expect(await ask(client, server, ECHO, Uint8Array.of(1))).toEqual(Uint8Array.of(1))
  })

  it('lists its protocols to others', async () => {
    const { protocols } = await client.services.identify.identify(client.getConnections()[0] as never)
    expect(protocols).toEqual(expect.arrayContaining([ECHO, PROTOCOLS.relay]))
  })
})
