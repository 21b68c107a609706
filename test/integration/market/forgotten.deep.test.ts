import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client, DeliveryNotice } from '@teahouse/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { spawnNode, until } from '../../support/index.ts'
import { bytes, startNetwork, text, type TestNetwork } from '../client/network.ts'

const TOPIC = '/teahouse-test/1/forgotten/utf8'
/** Nothing is caught up with, so that a node lacks what came while it was away. */
const ALONE = { sync: { enabled: false } }
/** A message that is younger may still be on its way to a node. */
const TRAVEL_MS = 32_000

let net: TestNetwork
let client: Client
let since: number

beforeAll(async () => {
  net = await startNetwork({ nodes: [ALONE, ALONE] })
  client = await net.client(await net.person())
  await client.membership.join({ rateLimit: 20 })
  since = Math.floor(Date.now() / 1_000) - 60
})
afterAll(() => net?.stop())

const operator = (at: number) => net.network.nodes[at]!.operator
const textsAt = async (at: number) =>
  (await client.history({ contentTopic: TOPIC, node: operator(at) })).messages.map(({ payload }) =>
    text(payload),
  )

async function send(at: number, payload: string): Promise<string> {
  const { messageHash } = await client.send({
    contentTopic: TOPIC,
    payload: bytes(payload),
    node: operator(at),
  })
  await until('it is kept', async () => (await textsAt(at)).includes(payload))
  return messageHash
}

/** By the node's operator. */
async function forget(at: number, messageHash: string): Promise<void> {
  const { apiUrl, folder } = net.nodes[at]!
  const token = (await readFile(join(folder, 'data', 'api.token'), 'utf8')).trim()
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ messageHash })
  const answer = await fetch(`${apiUrl}/admin/v1/forgotten`, { method: 'POST', headers, body })
  expect(await answer.json()).toMatchObject({ had: true })
}

/** Reads the topic, asking this node first, and what was said of nodes meanwhile. */
async function read(at: number): Promise<{ texts: string[]; notices: DeliveryNotice[] }> {
  const notices: DeliveryNotice[] = []
  const texts: string[] = []
  const reader = await net.client(await net.person())
  const { peerId } = net.network.nodes[at]!
  for await (const { payload } of reader.deliver({
    contentTopic: TOPIC,
    since,
    until: Math.floor(Date.now() / 1_000),
    prefer: (nodes) => nodes.toSorted((a, b) => Number(b.peerId === peerId) - Number(a.peerId === peerId)),
    onNotice: (notice) => notices.push(notice),
  }))
    texts.push(text(payload))
  const broken = (await reader.market.compare()).map(({ history }) => history?.broken ?? 0)
  const blamed = notices.filter(({ kind }) => kind === 'withheld').length
  expect(broken.reduce((sum, one) => sum + one, 0)).toBe(blamed)
  return { texts: texts.toSorted(), notices }
}

describe('a client that compares two nodes', () => {
  it('blames neither for what one has openly forgotten, and one for what it does not own up to', async () => {
    const gone = await send(0, 'forgotten')
    await until('the other has it', async () => (await textsAt(1)).includes('forgotten'))
    await forget(0, gone)
    expect(await textsAt(0)).toEqual([])
    await sleep(TRAVEL_MS)
    const open = await read(0)
    expect(open.texts).toEqual(['forgotten'])
    expect(open.notices.map(({ kind }) => kind)).not.toContain('withheld')

    await client.proving.prepare({ slots: 1 }) // one of the nodes that lease message ids goes
    await net.nodes[0]!.kill()
    await send(1, 'never shown')
    net.nodes[0] = await spawnNode(net.nodes[0]!)
    await sleep(TRAVEL_MS)
    const silent = await read(0)
    expect(silent.texts).toEqual(['forgotten', 'never shown'])
    expect(silent.notices).toContainEqual({
      kind: 'withheld',
      peerId: net.network.nodes[0]!.peerId,
      messages: 1,
    })
  }, 240_000)
})
