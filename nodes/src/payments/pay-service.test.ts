import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PayRequest, PROTOCOLS } from '@teahouse/protocol/wire'
import { ask, testHost } from '../net/test-hosts.ts'
import type { Net } from '../net/index.ts'
import { PaymentsConfig } from './config.ts'
import { payService } from './pay-service.ts'
import type { Receipt } from './voucher-desk.ts'

const REQUEST = PayRequest.encode({
  requestId: 'r',
  voucher: {
    payer: new Uint8Array(20),
    payee: new Uint8Array(20),
    epoch: 1n,
    cumulative: Uint8Array.of(1),
    signature: new Uint8Array(65),
  },
})

let node: Net
let client: Net
let reading = Promise.withResolvers<void>()
let release = Promise.withResolvers<Receipt>()
const released: string[] = []

beforeAll(async () => {
  node = await testHost()
  client = await testHost([])
  const desk = {
    take() {
      reading.resolve()
      return release.promise
    },
    counts: () => ({}) as never,
  }
  const meter = { release: (peerId: string) => void released.push(peerId) }
  const log = pino({ level: 'silent' })
  await payService(PaymentsConfig.parse({}), { net: node, desk, meter, log }).start()
  await node.start()
  await client.start()
})
afterAll(() => Promise.all([node.stop(), client.stop()]))

describe('a peer that brings a voucher', () => {
  it('keeps its credit while it is there', async () => {
    release.resolve({ credit: 1n, cumulative: 1n })
    await ask(client, node, PROTOCOLS.pay, REQUEST)
    expect(released).toEqual([])
  })

  it('is forgotten when it leaves while the chain is asked', async () => {
    ;[reading, release] = [Promise.withResolvers<void>(), Promise.withResolvers<Receipt>()]
    const asked = ask(client, node, PROTOCOLS.pay, REQUEST).catch(() => undefined)
    await reading.promise
    await client.hangUp(node.peerId)
    await expect.poll(() => node.getConnections()).toHaveLength(0)
    release.resolve({ credit: 1n, cumulative: 1n })
    await expect.poll(() => released).toEqual([client.peerId.toString()])
    await asked
  })
})
