import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { isTeahouseError } from '@teahouse/protocol/errors'
import { BaseError } from 'viem'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RawBlock, RawLogs, RawReceipt } from './answers.ts'
import { jsonRpc } from './json-rpc.ts'
import { testRpc, TestEvm, type TestRpc } from './test-rpc.ts'

const OPTIONS = { timeoutMs: 5_000, retries: 0 }
const IMPATIENT = { timeoutMs: 300, retries: 0 }
let rpc: TestRpc

beforeEach(async () => {
  rpc = await testRpc(new TestEvm())
})
afterEach(async () => await rpc.shut().catch(() => undefined))

/** What a call fails with, as text with everything in it. */
async function failure(url: string): Promise<string> {
  const err: unknown = await jsonRpc(url, IMPATIENT)
    .request('eth_call', ['0x5ec2e7'])
    .then(
      () => undefined,
      (reason: unknown) => reason,
    )
  expect(err instanceof BaseError || isTeahouseError(err), String(err)).toBe(true)
  return `${String(err)} ${JSON.stringify(err)} ${(err as Error).stack}`
}

describe('jsonRpc', () => {
  it('gives the result, and credentials of the address as a header', async () => {
    const url = rpc.url.replace('//', '//us%40er:pass:word@')
    expect(await jsonRpc(url, OPTIONS).request('eth_chainId', [])).toBe('0x1')
    expect(rpc.authorization).toBe(`Basic ${Buffer.from('us@er:pass:word').toString('base64')}`)
    expect(await jsonRpc(rpc.url.replace('//', '//50%:x@'), OPTIONS).request('eth_chainId', [])).toBe('0x1')
  })

  it('asks again when the connection fails', async () => {
    await rpc.shut()
    const asked = jsonRpc(rpc.url, { timeoutMs: 5_000, retries: 5 }).request('eth_chainId', [])
    await new Promise((resolve) => setTimeout(resolve, 50))
    await rpc.open()
    expect(await asked).toBe('0x1')
  })
})

describe('when it must refuse', () => {
  it.each([
    { given: 'nobody listens', fault: () => rpc.shut() },
    { given: 'nothing is answered', fault: () => void (rpc.mute = true) },
    { given: 'HTML is answered', fault: () => void (rpc.raw = '<html>') },
    { given: 'nothing but a list is answered', fault: () => void (rpc.raw = '[]') },
    { given: 'neither result nor error is answered', fault: () => void (rpc.raw = '{"id":1}') },
    { given: 'an error is answered', fault: () => void (rpc.raw = '{"error":{"code":1,"message":"no"}}') },
  ])('$given, it throws a typed error without key, credentials or parameters', async ({ fault }) => {
    await fault()
    const text = await failure(rpc.url.replace('//', '//user:password@'))
    expect(text).toContain(rpc.host)
    for (const secret of ['secret-key', 'password', '5ec2e7']) expect(text).not.toContain(secret)
  })

  it('a body that trickles in for ever runs into the time limit', async () => {
    const server: Server = createServer((_request, response) => {
      const drip = setInterval(() => response.write(' '), 20)
      response.on('close', () => clearInterval(drip))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    expect(await failure(`http://127.0.0.1:${port}`)).toContain('took too long')
    server.closeAllConnections()
    server.close()
  })
})

describe('answers', () => {
  it('that are any text lead to a result or to a typed error', async () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((json) => `{"result":${json}}`),
    )
    const client = jsonRpc(rpc.url, OPTIONS)
    await fc.assert(
      fc.asyncProperty(text, async (raw) => {
        rpc.raw = raw
        const err: unknown = await client.request('eth_call', []).then(
          () => undefined,
          (reason: unknown) => reason,
        )
        if (err !== undefined) expect(err instanceof BaseError || isTeahouseError(err)).toBe(true)
      }),
    )
  })

  it('of any form are taken in the form that was asked for, or refused', () => {
    const text = fc.oneof(fc.string(), fc.constantFrom('0x', '0x1', '0xZZ', `0x${'Ab'.repeat(32)}`))
    const fields = ['number', 'hash', 'parentHash', 'timestamp', 'blockHash', 'logIndex', 'topics', 'data']
    const odd = fc.oneof(fc.anything(), fc.dictionary(fc.constantFrom(...fields), text))
    fc.assert(
      fc.property(odd, (answer) => {
        for (const schema of [RawBlock, RawLogs, RawReceipt]) {
          const { data } = schema.safeParse(answer)
          if (data === undefined || data === null) continue
          expect(schema.safeParse(data).data).toEqual(data)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
