import { concatBytes } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WireError } from './errors.ts'
import { frame, frameReader, readFrame, request, writeFrame, type FrameStream } from './framing.ts'

/** A stream whose far end is the test: `receive` feeds it, `sent` is what was written. */
class TestStream extends EventTarget implements FrameStream {
  status = 'open'
  readableEnded = false
  sent: Uint8Array[] = []
  paused = false
  #waiting: Uint8Array[] = []

  receive(data: Uint8Array): void {
    if (this.paused) this.#waiting.push(data)
    else this.dispatchEvent(Object.assign(new Event('message'), { data }))
  }
  end(): void {
    this.readableEnded = true
    this.dispatchEvent(new Event('end'))
  }
  reset(): void {
    this.status = 'reset'
    this.dispatchEvent(Object.assign(new Event('close'), { error: new Error('reset') }))
  }
  send(data: Uint8Array): boolean {
    if (this.status !== 'open') throw new Error('not open')
    this.sent.push(data)
    return true
  }
  onDrain(): Promise<void> {
    return Promise.resolve()
  }
  close(): Promise<void> {
    return Promise.resolve()
  }
  abort(): void {
    this.status = 'aborted'
  }
  pause(): void {
    this.paused = true
  }
  resume(): void {
    this.paused = false
    for (const data of this.#waiting.splice(0)) this.receive(data)
  }
}

function cut(bytes: Uint8Array, sizes: number[]): Uint8Array[] {
  const chunks: Uint8Array[] = []
  let at = 0
  for (const size of sizes) chunks.push(bytes.subarray(at, (at += size)))
  return [...chunks, bytes.subarray(at)]
}

describe('frames', () => {
  it('arrive whole, whatever the chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }),
        fc.array(fc.nat(200)),
        async (payloads, sizes) => {
          const stream = new TestStream()
          const reader = frameReader(stream, { maxBytes: 300 })
          for (const chunk of cut(concatBytes(...payloads.map(frame)), sizes)) stream.receive(chunk)
          for (const payload of payloads) expect(await reader.read()).toEqual(payload)
          stream.end()
          expect(await reader.read()).toBeUndefined()
          reader.stop()
        },
      ),
    )
  })

  it('are asked for one at a time: a sender far ahead is paused', async () => {
    const stream = new TestStream()
    const reader = frameReader(stream, { maxBytes: 10 })
    for (let count = 0; count < 5; count++) stream.receive(frame(new Uint8Array(10)))
    expect(stream.paused).toBe(true)
    for (let count = 0; count < 5; count++) expect(await reader.read()).toHaveLength(10)
    expect(stream.paused).toBe(false)
  })

  it('go out with a varint prefix', async () => {
    const stream = new TestStream()
    await writeFrame(stream, new Uint8Array(300))
    expect(stream.sent[0]?.subarray(0, 2)).toEqual(Uint8Array.of(0xac, 0x02))
    expect(stream.sent[0]).toHaveLength(302)
  })
})

describe('when they must refuse', () => {
  const options = { maxBytes: 100, timeoutMs: 20 }
  it.each([
    { given: 'an end before a frame', act: (s: TestStream) => s.end(), code: 'CLOSED' },
    {
      given: 'an end within a frame',
      act: (s: TestStream) => (s.receive(Uint8Array.of(5, 1)), s.end()),
      code: 'TRUNCATED',
    },
    {
      given: 'an end within the prefix',
      act: (s: TestStream) => (s.receive(Uint8Array.of(0x80)), s.end()),
      code: 'TRUNCATED',
    },
    {
      given: 'a frame over the limit',
      act: (s: TestStream) => s.receive(Uint8Array.of(101)),
      code: 'TOO_LARGE',
    },
    {
      given: 'an endless prefix',
      act: (s: TestStream) => s.receive(new Uint8Array(5).fill(0xff)),
      code: 'MALFORMED',
    },
    { given: 'a reset', act: (s: TestStream) => s.reset(), code: 'RESET' },
    {
      given: 'a frame that stalls',
      act: (s: TestStream) => s.receive(Uint8Array.of(5, 1)),
      code: 'TIMED_OUT',
    },
  ])('readFrame throws $code for $given', async ({ act, code }) => {
    const stream = new TestStream()
    const reading = readFrame(stream, options)
    act(stream)
    await expect(reading).rejects.toMatchObject({ code })
  })

  it('readFrame throws ABORTED when told to stop', async () => {
    const reading = readFrame(new TestStream(), { maxBytes: 1, signal: AbortSignal.timeout(5) })
    await expect(reading).rejects.toMatchObject({ code: 'ABORTED' })
  })

  it('readFrame waits without limit for the first byte', async () => {
    const stream = new TestStream()
    const reading = readFrame(stream, options)
    await new Promise((resolve) => setTimeout(resolve, 60))
    stream.receive(Uint8Array.of(1, 7))
    expect(await reading).toEqual(Uint8Array.of(7))
  })

  it('request gives up after its timeout and aborts the stream', async () => {
    const stream = new TestStream()
    await expect(request(stream, Uint8Array.of(1), options)).rejects.toMatchObject({ code: 'TIMED_OUT' })
    expect(stream.status).toBe('aborted')
  })

  it('writeFrame throws RESET on a stream that was reset', async () => {
    const stream = new TestStream()
    stream.reset()
    await expect(writeFrame(stream, Uint8Array.of(1))).rejects.toMatchObject({ code: 'RESET' })
  })

  it('readFrame takes any bytes and throws nothing but WireErrors', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(50)), async (bytes, sizes) => {
        const stream = new TestStream()
        const reading = readFrame(stream, { maxBytes: 100 })
        for (const chunk of cut(bytes, sizes)) stream.receive(chunk)
        stream.end()
        const result = await reading.catch((error: unknown) => error)
        if (!(result instanceof Uint8Array)) expect(result).toBeInstanceOf(WireError)
      }),
    )
  })
})
