import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  LEASE_MIGRATIONS,
  leaseAnswers,
  LeaseConfig,
  leaseDesk,
  sqliteBook,
} from '../../../nodes/src/lease/index.ts'
import { openDatabase } from '../../../nodes/src/storage/index.ts'
import type { Passed } from './lease-user.ts'

const SCRIPT = join(import.meta.dirname, 'lease-user.ts')
const EPOCH_SECONDS = 30
const LIMIT = 600
const KILLS = 4

let dir: string
let keepers: ReturnType<typeof startKeeper>[]
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'teahouse-ids-'))
  keepers = [1, 2, 3].map(startKeeper)
})
afterAll(async () => {
  for (const { db } of keepers) db.close()
  await rm(dir, { recursive: true, force: true })
})

/** A node that keeps message ids, and nothing else. */
function startKeeper(operator: number) {
  const db = openDatabase(join(dir, `node-${operator}.sqlite`), LEASE_MIGRATIONS)
  const identifier = new Uint8Array(32).fill(9)
  const deps = { book: sqliteBook(db), identifier, epochSeconds: EPOCH_SECONDS, now: Date.now }
  const desk = leaseDesk(LeaseConfig.parse({ requestsAtOnce: 10_000 }), deps)
  return { db, answer: leaseAnswers({ desk, now: Date.now, log: pino({ level: 'silent' }) }) }
}

/** Starts a client, kills it without warning after a while, and returns what it would have sent with. */
async function useAndKill(folder: string): Promise<string[]> {
  const args = [join(dir, folder), String(LIMIT), String(EPOCH_SECONDS)]
  const child = fork(SCRIPT, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  child.on('message', (asked: Passed) => void passOn(asked))
  async function passOn({ id, operator, hex }: Passed): Promise<void> {
    const from = { peerId: String(child.pid), address: 'here' }
    const answer = await keepers[operator - 1]!.answer(Buffer.from(hex, 'hex'), from)
    if (child.connected)
      child.send({ id, operator, hex: Buffer.from(answer).toString('hex') }, () => undefined)
  }
  let output = ''
  child.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  await Promise.race([once(child.stdout!, 'data'), closed])
  await sleep(Math.random() * 200)
  child.kill('SIGKILL')
  await closed
  expect(child.signalCode).toBe('SIGKILL')
  return output.split('\n').filter(Boolean)
}

it('no message id is used twice by processes that are killed at random: two of one folder, and one of another', async () => {
  const used: string[] = []
  for (let round = 0; round < KILLS; round++) {
    used.push(...(await Promise.all(['here', 'here', 'elsewhere'].map(useAndKill))).flat())
  }
  expect(used.length).toBeGreaterThan(3 * KILLS)
  expect(new Set(used).size).toBe(used.length)
})
