import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { Readable } from 'node:stream'
import type { Account, Client, StoredFile } from '@teahouse/client'
import { run } from 'teahouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { spawnNode, until, withClock } from '../../support/index.ts'
import { startNetwork, type TestNetwork } from '../client/network.ts'

const PRICE = 100n
const DAYS = 7n
const CONFIG = {
  payments: { prices: { 'blob-day': String(PRICE) }, freeQuota: 0, settleEveryMs: 3_600_000 },
  blob: { everyMs: 200 },
}
const SIZE = 5_000_000
/** Parts of 65,492 bytes, and the list of them. */
const CHUNKS = Math.ceil(SIZE / 65_492) + 1

let net: TestNetwork
let alice: { account: Account; dir: string }
let client: Client
let path: string
let stored: StoredFile
const file = new Uint8Array(randomBytes(SIZE))

beforeAll(async () => {
  net = await startNetwork({ nodes: [CONFIG, CONFIG] })
  alice = await net.person()
  path = join(alice.dir, 'file')
  writeFileSync(path, file)
})
afterAll(() => net?.stop())

/** Runs the upload in a process of its own and kills it when so many bytes are stored. */
async function uploadUntil(bytes: number): Promise<NodeJS.Signals | null> {
  const init = { network: net.network, phrase: alice.account.phrase, dir: alice.dir, path }
  const main = join(import.meta.dirname, 'uploader.ts')
  const child = spawn(process.execPath, [main, JSON.stringify(init)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  for await (const line of createInterface(child.stdout)) if (Number(line) >= bytes) child.kill('SIGKILL')
  await ended
  return child.signalCode
}

async function read(reference: string, onFault?: (fault: { peerId: string }) => void): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of client.files.get(reference, { onFault })) parts.push(part)
  return new Uint8Array(Buffer.concat(parts))
}

const credited = () =>
  Promise.all(net.nodes.map(async (node) => BigInt((await node.info()).payments.credited)))
const databaseOf = (at: number) =>
  join((net.nodes[at]!.config as { dataDir: string }).dataDir, 'blobs.sqlite')

async function restart(at: number, whileDown: () => void, env = {}): Promise<void> {
  const node = net.nodes[at]!
  await node.kill()
  whileDown()
  net.nodes[at] = await spawnNode({ ...node, env })
}

describe('a file of 5 MB at two nodes', () => {
  it('is stored though its upload was killed in the middle, comes back whole, and was paid for once', async () => {
    expect(await uploadUntil(2_000_000)).toBe('SIGKILL')
    const before = (await credited())[0]!
    expect(before).toBeGreaterThanOrEqual(30n * DAYS * PRICE)
    expect(before).toBeLessThan(BigInt(CHUNKS) * DAYS * PRICE)

    client = await net.client(alice)
    stored = await client.files.put(file, { days: 7, pay: true })
    expect(stored).toMatchObject({ size: SIZE, chunks: CHUNKS })
    const once = BigInt(CHUNKS) * DAYS * PRICE
    expect(await credited()).toEqual([once, once])
    expect(stored.paid).toBeLessThan(2n * once)
    expect(Buffer.compare(await read(stored.reference), file)).toBe(0)
  })

  it('comes whole from the other node when one gives other bytes, and the command line names that one', async () => {
    await restart(0, () => {
      const db = new DatabaseSync(databaseOf(0))
      db.exec('UPDATE contents SET data = zeroblob(length(data))')
      db.close()
    })
    const liar = net.network.nodes[0]!.peerId
    // Two readers: which node is asked first is chance for neither, as the reference names both in order.
    const faults = new Set<string>()
    expect(Buffer.compare(await read(stored.reference, ({ peerId }) => faults.add(peerId)), file)).toBe(0)
    expect([...faults].filter((peerId) => peerId !== liar)).toEqual([])
    await restart(1, () => undefined)
    const out = { stdout: '', stderr: '' }
    const to = join(alice.dir, 'got')
    writeFileSync(join(alice.dir, 'local.json'), JSON.stringify(net.network))
    const args = [
      'file',
      'get',
      stored.reference,
      '-o',
      to,
      '--network',
      join(alice.dir, 'local.json'),
      '--json',
    ]
    const world = {
      stdin: Readable.from(['']),
      stdout: { write: (text: string) => (out.stdout += text) },
      stderr: { write: (text: string) => (out.stderr += text) },
      ...{ cwd: alice.dir, env: { TEAHOUSE_HOME: join(alice.dir, 'home') } },
      signal: new AbortController().signal,
    }
    expect(await run(['account', 'new', '--no-passphrase', '--network', args[6]!, '--json'], world)).toBe(0)
    out.stdout = ''
    expect([await run(args, world), out.stderr]).toEqual([0, expect.anything()])
    expect(JSON.parse(out.stdout)).toMatchObject({ size: SIZE })
    expect(Buffer.compare(readFileSync(to), file)).toBe(0)
  })

  it('is gone from a node once its time is over there and on the chain', async () => {
    const eight = 8 * 86_400
    await restart(1, () => undefined, withClock(eight * 1_000))
    await expect(read(stored.reference)).rejects.toMatchObject({ detail: { code: 'MISSING', index: 0 } })
    const kept = () => {
      const db = new DatabaseSync(databaseOf(1), { readOnly: true })
      try {
        return db
          .prepare('SELECT count(*) AS blobs, (SELECT count(*) FROM contents) AS contents FROM blobs')
          .get()
      } finally {
        db.close()
      }
    }
    await net.chain.control.increaseTime({ seconds: eight })
    await net.chain.control.mine({ blocks: 1 })
    await until('the node has seen the time', async () => (await net.nodes[1]!.health()).status !== 'down')
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    await net.nodes[1]!.kill()
    expect(kept()).toEqual({ blobs: 0, contents: 0 })
  })
})
