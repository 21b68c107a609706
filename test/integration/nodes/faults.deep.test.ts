import { execFile, spawn } from 'node:child_process'
import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Prover } from '@teahouse/protocol/rln'
import { checkRootAnswer, decodeRootAnswer, encodeRootRequest } from '@teahouse/protocol/receipts'
import {
  encodeMessage,
  messageHash,
  PROTOCOLS,
  pubsubTopicOf,
  type WakuMessage,
} from '@teahouse/protocol/wire'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ARCHIVE_MIGRATIONS } from '../../../nodes/src/store/sqlite/tables.ts'
import {
  CLUSTER_ID,
  launchNode,
  newGate,
  newLightPeer,
  newMember,
  newMessage,
  prepareNode,
  prove,
  SHARDS,
  spawnNode,
  startChain,
  testProver,
  until,
  withClock,
  withinOneEpoch,
  type Gate,
  type NodeProcess,
  type PreparedNode,
  type TestChain,
  type TestMember,
} from '../../support/index.ts'

const TOPIC = '/teahouse-test/1/faults/bytes'
const PUBSUB_TOPIC = pubsubTopicOf(TOPIC, CLUSTER_ID, SHARDS)
const SHARD = Number(PUBSUB_TOPIC.split('/').at(-1))
const HOUR_MS = 3_600_000

let chain: TestChain
let prover: Prover
let alice: TestMember
let messageId = 0
let running: NodeProcess[] = []

beforeAll(async () => {
  chain = await startChain()
  prover = await testProver()
  alice = await newMember(chain, 200)
})
afterEach(async () => {
  await Promise.all(running.map((node) => node.kill('SIGKILL')))
  running = []
})
afterAll(async () => {
  await prover?.stop()
  await chain?.stop()
})

async function start(prepared: PreparedNode): Promise<NodeProcess> {
  const node = await spawnNode(prepared)
  running.push(node)
  return node
}

async function withConfig(
  prepared: PreparedNode,
  over: Partial<PreparedNode['config']>,
): Promise<PreparedNode> {
  const config = { ...prepared.config, ...over }
  await writeFile(prepared.configFile, JSON.stringify(config))
  return { ...prepared, config }
}

/** What is listened on, whatever is announced. */
const addressOf = async (node: NodeProcess) => `${node.config.listen![0]!}/p2p/${(await node.info()).peerId}`

async function newLetter(text: string): Promise<WakuMessage> {
  await withinOneEpoch(15)
  return prove(chain, prover, alice, newMessage(TOPIC, text, 10_000), { messageId: messageId++ })
}

/** The status of a push over a connection of its own. */
async function push(node: NodeProcess, message: WakuMessage): Promise<number> {
  const peer = await newLightPeer(await addressOf(node))
  try {
    return (await peer.push(message)).statusCode
  } finally {
    await peer.stop()
  }
}

async function texts(node: NodeProcess): Promise<string[]> {
  const peer = await newLightPeer(await addressOf(node))
  try {
    const { messages } = await peer.query({
      pubsubTopic: PUBSUB_TOPIC,
      contentTopics: [TOPIC],
      paginationLimit: 100n,
    })
    return messages.map(({ message }) => new TextDecoder().decode(message!.payload)).sort()
  } finally {
    await peer.stop()
  }
}

describe('a process that is killed in a migration', () => {
  const COUNT = 60_000
  const store = join(import.meta.dirname, '../../../nodes/src/store/testing/transfer-main.ts')

  /** An archive of the first version. */
  async function oldArchive(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'teahouse-migration-'))
    const db = new DatabaseSync(join(folder, 'archive.sqlite'))
    db.exec(`PRAGMA journal_mode = WAL; BEGIN; ${ARCHIVE_MIGRATIONS[0]!}; PRAGMA user_version = 1`)
    const insert = db.prepare(
      'INSERT INTO messages (hash, timestamp, pubsub_topic, content_topic, message) VALUES (?, ?, ?, ?, ?)',
    )
    for (let at = 0; at < COUNT; at++) {
      const timestamp = BigInt(at + 1)
      const message = { payload: new Uint8Array(200), contentTopic: TOPIC, timestamp }
      insert.run(messageHash(PUBSUB_TOPIC, message), timestamp, PUBSUB_TOPIC, TOPIC, encodeMessage(message))
    }
    db.exec('COMMIT')
    db.close()
    return folder
  }

  it('finds every message when it is started again, and the newest tables', async () => {
    const folder = await oldArchive()
    const file = join(folder, 'all.export')
    const run = () => spawn(process.execPath, [store, 'export', folder, file], { stdio: 'ignore' })
    const versionOf = () => {
      const db = new DatabaseSync(join(folder, 'archive.sqlite'), { readOnly: true })
      const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number }
      db.close()
      return version
    }
    let killed = 0
    for (let wait = 50; versionOf() === 1; wait += 50) {
      const child = run()
      const ended = new Promise((resolve) => child.once('close', resolve))
      // The log of writes grows as soon as the migration has begun.
      const began = until(
        'the migration begins',
        async () => (await readdir(folder)).some((name) => name.endsWith('-wal')),
        10_000,
        1,
      )
      await Promise.race([began, ended])
      await sleep(wait)
      if (child.kill('SIGKILL')) killed += 1
      await ended
    }
    expect(killed).toBeGreaterThan(0)
    expect(versionOf()).toBe(ARCHIVE_MIGRATIONS.length)
    await rm(file, { force: true })
    const child = run()
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0)
    const db = new DatabaseSync(join(folder, 'archive.sqlite'), { readOnly: true })
    expect(db.prepare('SELECT count(*) AS kept FROM messages').get()).toEqual({ kept: COUNT })
    expect(db.prepare('SELECT messages FROM totals').get()).toEqual({ messages: COUNT })
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    db.close()
  }, 300_000)
})

describe('a node that is killed in a sync, again and again', () => {
  it('has everything in the end, and nothing of before is lost', async () => {
    const config = { sync: { offsetSeconds: 0, everySeconds: 2 } }
    const [first, prepared] = [
      await start(await prepareNode(chain, { config })),
      await prepareNode(chain, { config }),
    ]
    let second = await start(prepared)
    const sent: string[] = []
    const send = async (to: NodeProcess, text: string) => {
      expect(await push(to, await newLetter(text))).toBe(200)
      sent.push(text)
    }
    await send(second, 'kept by the second node')
    await second.kill('SIGKILL')
    for (let at = 0; at < 4; at++) await send(first, `while it was away ${at}`)
    for (const wait of [0, 60, 250]) {
      const child = launchNode(prepared)
      running.push(child)
      await until('it speaks', async () => child.output().includes('Started the node'), 60_000, 5)
      await sleep(wait)
      await child.kill('SIGKILL')
      await send(first, `after a kill ${wait}`)
    }
    second = await start(prepared)
    await until('it has all', async () => (await texts(second)).length === sent.length, 60_000, 500)
    expect(await texts(second)).toEqual([...sent].sort())
  }, 300_000)
})

const run = promisify(execFile)
/** A file system of its own that can be full; undefined where nothing may be mounted. */
async function smallDisk(megabytes: number) {
  const folder = await mkdtemp(join(tmpdir(), 'teahouse-disk-'))
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder])
    return { folder, release: () => run('umount', ['-l', folder]) }
  } catch {
    return undefined
  }
}

describe('a disk that is full', () => {
  it('loses nothing that was acknowledged, refuses what it can not keep, and takes it when there is room again', async (context) => {
    const disk = await smallDisk(24)
    if (!disk) return context.skip('nothing can be mounted here')
    try {
      const prepared = await withConfig(await prepareNode(chain), { dataDir: disk.folder })
      let node = await start(prepared)
      const kept = ['before']
      expect(await push(node, await newLetter('before'))).toBe(200)
      const filler = join(disk.folder, 'filler')
      await run('sh', ['-c', `head -c 100000000 /dev/zero > ${filler} || true`])
      const refused: WakuMessage[] = []
      for (let at = 0; at < 3; at++) {
        const letter = await newLetter(`on a full disk ${at}`)
        if ((await push(node, letter)) === 200) kept.push(`on a full disk ${at}`)
        else refused.push(letter)
      }
      expect(refused.length).toBeGreaterThan(0)
      expect((await node.health()).status).not.toBe('down')
      expect(await texts(node)).toEqual([...kept].sort())
      await rm(filler)
      const later = await newLetter('there is room again')
      expect(await push(node, later)).toBe(200)
      kept.push('there is room again')
      expect(await texts(node)).toEqual([...kept].sort())
      await node.kill('SIGKILL')
      node = await start(prepared)
      expect(await texts(node)).toEqual([...kept].sort())
      await node.kill()
    } finally {
      await Promise.all(running.map((node) => node.kill('SIGKILL')))
      await disk.release()
    }
  }, 300_000)
})

describe('two nodes that can not reach each other for a while', () => {
  it('have the same afterwards: everything that either of them acknowledged', async () => {
    const config = { sync: { offsetSeconds: 0, everySeconds: 2 } }
    const gates: Gate[] = []
    const nodes: NodeProcess[] = []
    for (let at = 0; at < 2; at++) {
      const prepared = await prepareNode(chain, { config })
      const port = prepared.config.listen![0]!.split('/').at(-1)
      const gate = await newGate(`http://127.0.0.1:${port}`)
      gates.push(gate)
      const announce = [`/ip4/127.0.0.1/tcp/${new URL(gate.url).port}`]
      nodes.push(await start(await withConfig(prepared, { announce })))
    }
    const ids = await Promise.all(nodes.map(async (node) => (await node.info()).peerId))
    const areConnected = async () => (await nodes[0]!.info()).peers.includes(ids[1]!)
    await until('they found each other', areConnected)
    const sent: string[] = []
    const send = async (to: NodeProcess, text: string) => {
      expect(await push(to, await newLetter(text))).toBe(200)
      sent.push(text)
    }
    await send(nodes[0]!, 'together')
    for (const gate of gates) await gate.shut()
    await until('they lost each other', async () => !(await areConnected()))
    for (const [at, node] of nodes.entries()) await send(node, `alone ${at}`)
    expect(await texts(nodes[0]!)).not.toContain('alone 1')
    expect(await texts(nodes[1]!)).not.toContain('alone 0')
    for (const gate of gates) await gate.open()
    for (const node of nodes)
      await until('it has all', async () => (await texts(node)).length === sent.length, 90_000, 500)
    await send(nodes[1]!, 'together again')
    for (const node of nodes) {
      await until('it has all', async () => (await texts(node)).length === sent.length, 60_000, 500)
      expect(await texts(node)).toEqual([...sent].sort())
    }
    for (const gate of gates) await gate.shut()
  }, 300_000)
})

describe('a clock that jumps', () => {
  it('ahead and back removes nothing, signs nothing, and leaves a node that works', async () => {
    const clock = join(await mkdtemp(join(tmpdir(), 'teahouse-clock-')), 'shift')
    const setClock = (shiftMs: number) => writeFile(clock, String(shiftMs))
    await setClock(0)
    const prepared = await prepareNode(chain, {
      config: { store: { retention: { seconds: 86_400, everyMs: 200 } } },
    })
    const node = await start({ ...prepared, env: withClock({ file: clock }) })
    expect(await push(node, await newLetter('at the right time'))).toBe(200)
    for (const shift of [90 * 24 * HOUR_MS, -90 * 24 * HOUR_MS]) {
      await setClock(shift)
      expect(await push(node, await newLetter(`at another time ${shift}`))).not.toBe(200)
      await sleep(1_000)
      expect(await texts(node)).toEqual(['at the right time'])
    }
    await setClock(0)
    expect(await push(node, await newLetter('at the right time again'))).toBe(200)
    expect(await texts(node)).toEqual(['at the right time', 'at the right time again'])
    expect(await node.kill()).toEqual({ code: 0, signal: null })
  }, 300_000)
})

describe('the root of an hour', () => {
  it('is the same over late messages, a clock that goes back, a kill and a restart; a restored database signs nothing', async () => {
    const clock = join(await mkdtemp(join(tmpdir(), 'teahouse-clock-')), 'shift')
    let shiftMs = 0
    const setClock = async (next: number) => {
      shiftMs = next
      await writeFile(clock, String(next))
    }
    await setClock(0)
    const config = { roots: { graceSeconds: 60, everyMs: 200 } }
    const prepared: PreparedNode = {
      ...(await prepareNode(chain, { config })),
      env: withClock({ file: clock }),
    }
    let node = await start(prepared)
    const now = async () => Number((await chain.client.getBlock()).timestamp)
    const hour = BigInt(Math.floor(Math.max(await now(), Date.now() / 1_000) / 3_600) + 1)
    const court = chain.contracts.ArchiveCourt
    const ask = async (of: bigint) => {
      const peer = await newLightPeer(await addressOf(node))
      try {
        const answer = decodeRootAnswer(await peer.send(PROTOCOLS.root, encodeRootRequest(SHARD, of)))
        const { operatorId: operator, node: key } = prepared
        const where = { operator, cluster: CLUSTER_ID, shard: SHARD, hour: of }
        await checkRootAnswer({ ...where, court, chainId: chain.chainId, node: key }, answer)
        return answer.root
      } finally {
        await peer.stop()
      }
    }
    const over = (hours: number) => Number(hour + BigInt(hours)) * 3_600 + 90
    const moveTo = async (seconds: number) => {
      await chain.control.setNextBlockTimestamp({ timestamp: BigInt(seconds) })
      await chain.control.mine({ blocks: 1 })
      await setClock(seconds * 1_000 - Date.now())
    }
    await expect(ask(hour)).rejects.toMatchObject({ detail: { status: 404 } })
    const data = join(prepared.folder, 'data')
    await node.kill()
    for (const file of ['roots.sqlite', 'roots.stop'])
      await copyFile(join(data, file), join(data, `${file}.old`))
    node = await start(prepared)
    await moveTo(over(1))
    const said = await until('the root is signed', () => ask(hour).catch(() => undefined), 30_000, 500)
    await setClock(shiftMs - 5 * HOUR_MS)
    expect(await ask(hour)).toEqual(said)
    await node.kill('SIGKILL')
    node = await start(prepared)
    await setClock(shiftMs + 5 * HOUR_MS)
    await sleep(1_000)
    expect(await ask(hour)).toEqual(said)

    await node.kill('SIGKILL')
    for (const name of await readdir(data)) if (/^roots\.sqlite-/.test(name)) await rm(join(data, name))
    for (const file of ['roots.sqlite', 'roots.stop'])
      await copyFile(join(data, `${file}.old`), join(data, file))
    node = await start(prepared)
    await sleep(2_000)
    await expect(ask(hour)).rejects.toMatchObject({ detail: { status: 404 } })
    await moveTo(over(4))
    await until('a later hour is signed', () => ask(hour + 3n).catch(() => undefined), 30_000, 500)
    await expect(ask(hour)).rejects.toMatchObject({ detail: { status: 404 } })
    expect(await node.kill()).toEqual({ code: 0, signal: null })
  }, 300_000)
})
