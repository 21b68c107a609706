import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { slowLine, type SlowLine } from './slow-line.ts'

let server: Server
let line: SlowLine | undefined

/** Sends bytes to an echo over the line; milliseconds until all are back. */
async function echo(options: Parameters<typeof slowLine>[0], size: number, parts = 1): Promise<number> {
  line = slowLine(options)
  const port = await line.through((server.address() as AddressInfo).port)
  const began = performance.now()
  const socket = connect(port, '127.0.0.1')
  const sent = Buffer.from(Uint8Array.from({ length: size }, (_, at) => at % 251))
  for (let part = 0; part < parts; part++) {
    socket.write(sent.subarray((part * size) / parts, ((part + 1) * size) / parts))
    if (parts > 1) await sleep(1)
  }
  const back: Buffer[] = []
  socket.on('data', (chunk: Buffer) => back.push(chunk))
  while (Buffer.concat(back).length < size) await once(socket, 'data')
  const took = performance.now() - began
  expect(Buffer.concat(back).equals(sent)).toBe(true)
  socket.destroy()
  return took
}

beforeEach(async () => {
  server = createServer((socket: Socket) => void socket.on('error', () => undefined).pipe(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  await line?.stop()
  server.close()
})

describe('a slow line', () => {
  it('takes a round trip to open, and one for a question and its answer', async () => {
    const took = await echo({ bitsPerSecond: 1e9, roundTripMs: 200, loss: 0 }, 10)
    expect(took).toBeGreaterThanOrEqual(395)
  })

  it('lets so many bits through in a second, in order', async () => {
    const took = await echo({ bitsPerSecond: 1_000_000, roundTripMs: 0, loss: 0 }, 50_000)
    expect(took).toBeGreaterThanOrEqual(400)
  })

  it('keeps the order of what is written in many parts', async () => {
    await echo({ bitsPerSecond: 4_000_000, roundTripMs: 30, loss: 0.05 }, 4_000, 400)
  })

  it('delays what is lost, and what follows it', async () => {
    let drawn = 0
    const random = () => (drawn++ === 1 ? 0 : 0.9)
    const took = await echo({ bitsPerSecond: 1e9, roundTripMs: 100, loss: 0.5, random }, 10)
    expect(took).toBeGreaterThanOrEqual(2 * 100 + 300 - 5)
    expect(line!.counts()).toEqual({ segments: 2, lost: 1 })
  })
})
