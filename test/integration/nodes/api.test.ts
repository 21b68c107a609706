import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RateLimitProof } from '@teahouse/protocol/wire'
import type { Prover } from '@teahouse/protocol/rln'
import {
  launchNode,
  newLightPeer,
  newMember,
  newMessage,
  prepareNode,
  prove,
  ROOT,
  spawnNode,
  startChain,
  testProver,
  until,
  type LightPeer,
  type NodeProcess,
  type TestChain,
} from '../../support/index.ts'

const TOPIC = '/teahouse-test/1/api/bytes'

let chain: TestChain
let prover: Prover
let node: NodeProcess
let other: NodeProcess
let peer: LightPeer

beforeAll(async () => {
  chain = await startChain()
  prover = await testProver()
  node = await spawnNode(
    await prepareNode(chain, { rateLimit: 20, config: { rln: { identityFile: 'identity.json' } } }),
  )
  // Not announced, and looks at the registry once: after that, the nodes meet only when they are told to.
  other = await spawnNode(
    await prepareNode(chain, { config: { discovery: { announce: false, intervalMs: 3_600_000 } } }),
  )
  peer = await newLightPeer((await node.info()).multiaddrs[0]!)
}, 240_000)
afterAll(async () => {
  await peer?.stop()
  await Promise.all([node?.kill(), other?.kill()])
  await prover?.stop()
  await chain?.stop()
})

async function ask(at: NodeProcess, path: string, options: RequestInit = {}) {
  const answer = await fetch(`${at.apiUrl}${path}`, { ...options, signal: AbortSignal.timeout(30_000) })
  const body = await answer.text()
  return {
    status: answer.status,
    text: body,
    body: body.startsWith('{') || body.startsWith('[') ? (JSON.parse(body) as unknown) : body,
  }
}
const post = (at: NodeProcess, path: string, body: unknown, headers: Record<string, string> = {}) =>
  ask(at, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
const tokenOf = async (at: NodeProcess) =>
  (await readFile(join(at.folder, 'data', 'api.token'), 'utf8')).trim()
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
const storedOverHttp = async (at: NodeProcess) => {
  const query = new URLSearchParams({ contentTopics: TOPIC, includeData: 'true' }).toString()
  const { body } = await ask(at, `/store/v3/messages?${query}`)
  const { messages } = body as { messages: { messageHash: string; message: { payload: string } }[] }
  return messages.map(({ message }) => Buffer.from(message.payload, 'base64').toString())
}
const storedOverLibp2p = async () => {
  const { messages } = await peer.query()
  return messages.map(({ message }) => new TextDecoder().decode(message!.payload))
}

describe('docs/api.md', () => {
  it('has examples that work', async () => {
    const page = await readFile(join(ROOT, 'docs/api.md'), 'utf8')
    const examples = [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, code = '']) => code).join('')
    const script = examples.replace(/^API=.*$/m, `API=${node.apiUrl}\nDATA_DIR=${join(node.folder, 'data')}`)
    const { stdout } = await promisify(execFile)('bash', ['-euc', script])
    // The message was taken by its subscriber, and found in the store.
    expect(stdout.match(/"payload":"dGVh"/g)).toHaveLength(2)
    expect(script.match(/^curl/gm)).toHaveLength(9)
  })
})

describe('a message that is published over HTTP', () => {
  it('gets a proof of the node, and is read through both stores and by a subscriber', async () => {
    expect((await post(node, '/relay/v1/auto/subscriptions', [TOPIC])).status).toBe(200)
    const message = { payload: base64(Buffer.from('lent')), contentTopic: TOPIC }
    expect(await post(node, '/relay/v1/auto/messages', message)).toMatchObject({ status: 200, body: 'OK' })
    expect(await storedOverHttp(node)).toContain('lent')
    expect(await storedOverLibp2p()).toContain('lent')
    const taken = await ask(node, `/relay/v1/auto/messages/${encodeURIComponent(TOPIC)}`)
    expect(taken.body).toMatchObject([{ payload: message.payload, proof: expect.any(String) }])
  })

  it('keeps the proof that it came with, and is kept once', async () => {
    const alice = await newMember(chain, 5)
    const proved = await prove(chain, prover, alice, newMessage(TOPIC, 'proved', 18_000), { messageId: 0 })
    const message = {
      payload: base64(proved.payload),
      contentTopic: TOPIC,
      timestamp: `${proved.timestamp}`,
      proof: base64(RateLimitProof.encode(proved.rateLimitProof!)),
    }
    const pushed = await post(node, '/lightpush/v3/message', { message })
    expect(pushed).toMatchObject({ status: 200, body: { statusDesc: 'OK' } })
    expect(await peer.push(proved)).toMatchObject({ statusCode: 200, statusDesc: 'DUPLICATE' })
    expect((await storedOverLibp2p()).filter((found) => found === 'proved')).toHaveLength(1)
  })

  it('is on disk when it is acknowledged: a kill loses nothing', async () => {
    const message = { payload: base64(Buffer.from('before the kill')), contentTopic: TOPIC }
    expect((await post(node, '/relay/v1/auto/messages', message)).status).toBe(200)
    await node.kill('SIGKILL')
    node = await spawnNode(node)
    await peer.stop()
    peer = await newLightPeer((await node.info()).multiaddrs[0]!)
    expect(await storedOverHttp(node)).toContain('before the kill')
    expect(await storedOverLibp2p()).toContain('before the kill')
  })

  it('is refused with 504 by a node that has no membership, and not kept', async () => {
    const message = { payload: base64(Buffer.from('not lent')), contentTopic: TOPIC }
    const answer = await post(other, '/relay/v1/auto/messages', message)
    expect(answer).toMatchObject({ status: 504, body: { code: 'OUT_OF_RLN_PROOF' } })
    expect(await storedOverHttp(other)).not.toContain('not lent')
  })

  it('is refused with 420 under a spoiled proof, as often as it comes, and good ones are taken still', async () => {
    const bob = await newMember(chain, 5)
    const proved = await prove(chain, prover, bob, newMessage(TOPIC, 'spoiled', 18_000), { messageId: 0 })
    const nullifier = proved.rateLimitProof!.nullifier.with(0, proved.rateLimitProof!.nullifier[0]! ^ 1)
    const message = {
      payload: base64(proved.payload),
      contentTopic: TOPIC,
      timestamp: `${proved.timestamp}`,
      proof: base64(RateLimitProof.encode({ ...proved.rateLimitProof!, nullifier })),
    }
    for (let n = 0; n < 12; n++)
      expect(await post(other, '/relay/v1/auto/messages', message)).toMatchObject({ status: 420 })
    const proof = base64(RateLimitProof.encode(proved.rateLimitProof!))
    expect(await post(other, '/relay/v1/auto/messages', { ...message, proof })).toMatchObject({ status: 200 })
    expect((await storedOverHttp(other)).filter((found) => found === 'spoiled')).toHaveLength(1)
  })
})

describe('an operator', () => {
  it('needs the token of the node that it asks', async () => {
    const headers = bearer(await tokenOf(other))
    expect(await ask(node, '/admin/v1/peers')).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } })
    expect((await ask(node, '/admin/v1/peers', { headers })).status).toBe(401)
    expect((await ask(other, '/admin/v1/peers', { headers })).status).toBe(200)
  })

  it('bans a peer: it is let in by nobody, also after a kill, until it is unbanned', async () => {
    const headers = bearer(await tokenOf(other))
    const { peerId, multiaddrs } = await node.info()
    const connect = async () => (await post(other, '/admin/v1/peers', [multiaddrs[0]], headers)).status
    const connected = async () => (await other.info()).peers.includes(peerId)
    expect(await connect()).toBe(200)
    expect(await connected()).toBe(true)

    expect((await post(other, '/admin/v1/bans', { peerId }, headers)).status).toBe(200)
    expect(await connected()).toBe(false)
    await other.kill('SIGKILL')
    other = await spawnNode(other)
    expect(await connect()).toBe(400)
    expect(await connected()).toBe(false)

    const unban = { method: 'DELETE', headers }
    expect((await ask(other, `/admin/v1/bans/${peerId}`, unban)).status).toBe(200)
    expect(await connect()).toBe(200)
  })

  it('changes what the node logs', async () => {
    const headers = bearer(await tokenOf(node))
    expect((await post(node, '/admin/v1/log-level/ERROR', {}, headers)).status).toBe(200)
    const before = node.output().length
    const newcomer = await newLightPeer((await node.info()).multiaddrs[0]!)
    await newcomer.push({ payload: new Uint8Array(1), contentTopic: TOPIC, timestamp: 1n })
    await newcomer.stop()
    expect(node.output().slice(before)).toBe('')
  })
})

describe('a node that is not ready', () => {
  it('is live, says why it is not ready and what to do, refuses messages, and gets ready', async () => {
    const proxy = await chainWithoutLogs(chain.rpcUrl)
    const prepared = await prepareNode({ ...chain, rpcUrl: proxy.url }, { rateLimit: 5 })
    const waiting = launchNode(prepared)
    try {
      const live = () => ask(waiting, '/health/live').catch(() => undefined)
      await until('the node is live', async () => (await live())?.status === 200, 60_000)
      expect(await ask(waiting, '/health/ready')).toMatchObject({
        status: 503,
        body: {
          ready: false,
          problems: expect.arrayContaining([
            expect.objectContaining({
              code: 'MEMBERS_UNKNOWN',
              blocks: true,
              action: expect.stringContaining('Wait'),
            }),
          ]),
        },
      })
      expect(await ask(waiting, '/health')).toMatchObject({ status: 503, body: { status: 'down' } })
      const message = { payload: '', contentTopic: TOPIC }
      expect((await post(waiting, '/relay/v1/auto/messages', message)).status).toBeGreaterThanOrEqual(503)
      proxy.open()
      await until(
        'the node is ready',
        async () => (await ask(waiting, '/health/ready')).status === 200,
        60_000,
      )
      expect(await ask(waiting, '/health/ready')).toMatchObject({ body: { ready: true } })
    } finally {
      await waiting.kill()
      proxy.stop()
    }
  })
})

/** The chain, but events are told only after `open()`. */
async function chainWithoutLogs(rpcUrl: string): Promise<{ url: string; open(): void; stop(): Server }> {
  let open = false
  const server = createServer((request, response) => {
    const forward = async () => {
      const body = await text(request)
      if (!open && body.includes('eth_getLogs')) return void response.writeHead(503).end()
      const answer = await fetch(rpcUrl, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      })
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
    }
    forward().catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, open: () => void (open = true), stop: () => server.close() }
}
