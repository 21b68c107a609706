import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'

const SCRIPT = join(import.meta.dirname, 'killed-counter.ts')
const LIMIT = 20
const KILLS = 15

let dir: string
beforeAll(async () => (dir = await mkdtemp(join(tmpdir(), 'teahouse-ids-'))))
afterAll(() => rm(dir, { recursive: true, force: true }))

/** Starts the counter, kills it without warning after a while, and returns what it had handed out. */
async function countAndKill(): Promise<string[]> {
  const child = spawn(process.execPath, [SCRIPT, dir, String(LIMIT)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  await Promise.race([once(child.stdout, 'data'), closed])
  await sleep(Math.random() * 60)
  child.kill('SIGKILL')
  await closed
  expect(child.signalCode).toBe('SIGKILL')
  return output.split('\n').filter(Boolean)
}

it('no message id is handed out twice in an epoch by processes that are killed at random, two at a time', async () => {
  const used: string[] = []
  for (let round = 0; round < KILLS; round++) {
    used.push(...(await Promise.all([countAndKill(), countAndKill()])).flat())
  }
  expect(used.length).toBeGreaterThan(2 * KILLS)
  expect(new Set(used).size).toBe(used.length)
})
