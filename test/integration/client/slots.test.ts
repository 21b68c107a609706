import { spawn } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { slotKeyOf, slotStore, type SlotStore } from '@teahouse/client'
import { slotFolder, threadProver } from '@teahouse/client/node'
import {
  createVerifier,
  identityFromSecret,
  membershipTree,
  rateCommitment,
  slotFinisher,
} from '@teahouse/protocol/rln'
import { loadArtifacts } from '@teahouse/protocol/rln/artifacts'
import { fakeSlot } from '../../../client/src/proving/testing/fake-slot.ts'

const SECRET = 4_711n
const RACER = fileURLToPath(new URL('./slot-racer.ts', import.meta.url))
const folders: string[] = []
afterAll(() => Promise.all(folders.map((dir) => rm(dir, { recursive: true, force: true }))))

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'teahouse-slots-'))
  folders.push(dir)
  return dir
}

async function open(dir: string): Promise<SlotStore> {
  return slotStore({ storage: await slotFolder(dir), scope: 'race', key: () => slotKeyOf(SECRET) })
}

async function filled(slots: number): Promise<string> {
  const dir = await folder()
  const store = await open(dir)
  for (let messageId = 0; messageId < slots; messageId++) await store.put(fakeSlot({ messageId }))
  return dir
}

/** A process that takes slots; `killAfter` milliseconds of taking it is killed. */
async function racer(dir: string, killAfter?: number): Promise<number[]> {
  const child = spawn(process.execPath, [RACER, dir, String(SECRET)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    if (output === '' && killAfter !== undefined) void sleep(killAfter).then(() => child.kill('SIGKILL'))
    output += chunk.toString()
  })
  await new Promise((resolve) => child.once('close', resolve))
  return output
    .split('\n')
    .filter(Boolean)
    .filter((line) => line !== 'end')
    .map(Number)
}

describe('slots on disk', () => {
  it('serve one process each, whichever of three takes them', async () => {
    const dir = await filled(24)
    const taken = (await Promise.all([racer(dir), racer(dir), racer(dir)])).flat()
    expect(taken.sort((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, id) => id))
  })

  it('are never taken again after a kill -9, at whatever moment', async () => {
    const dir = await filled(40)
    const taken: number[] = []
    for (const killAfter of [0, 2, 5, 9]) taken.push(...(await racer(dir, killAfter)))
    taken.push(...(await racer(dir)))
    expect(new Set(taken).size).toBe(taken.length)
    expect(taken.length).toBeGreaterThan(34) // at most one is lost with each process
    expect(await (await open(dir)).labels()).toEqual([])
  })

  it('are refused when a backup was put back, and in a copy', async () => {
    const dir = await filled(1)
    const slots = join(dir, 'slots')
    const name = (await readdir(slots)).find((file) => file.endsWith('.value'))!
    const backup = await readFile(join(slots, name))
    await cp(slots, join(dir, 'copy', 'slots'), { recursive: true, preserveTimestamps: true })
    expect(await (await open(dir)).take(() => true)).toBeDefined()
    await writeFile(join(slots, name), backup)
    await expect((await open(dir)).take(() => true)).rejects.toMatchObject({ code: 'COPIED' })
    await expect((await open(join(dir, 'copy'))).take(() => true)).rejects.toMatchObject({ code: 'COPIED' })
  })

  it('are for their owner only, and tagged for backups to leave out', async () => {
    const slots = join(await filled(1), 'slots')
    expect(await readFile(join(slots, 'CACHEDIR.TAG'), 'utf8')).toMatch(
      /^Signature: 8a477f597d28d172789f06886806bc55\n/,
    )
    for (const name of await readdir(slots)) {
      if (name.endsWith('.value')) expect((await stat(join(slots, name))).mode & 0o077).toBe(0)
    }
    expect((await stat(slots)).mode & 0o077).toBe(0)
  })
})

describe('a prover in a thread', { timeout: 60_000 }, () => {
  const limit = 5
  const tree = membershipTree()
  tree.set(3, rateCommitment(identityFromSecret(SECRET).commitment, limit))
  const input = { secret: SECRET, rateLimit: limit, messageId: 0, path: tree.path(3), externalNullifier: 9n }

  it('makes a slot that is stored, taken and finished here, while this thread goes on', async () => {
    const artifacts = await loadArtifacts((url) => readFile(url))
    const prover = threadProver(artifacts)
    const progress: number[] = []
    const slot = await prover.prepare(input, { onProgress: (done) => progress.push(done) })
    const store = await open(await folder())
    await store.put({ epoch: 1n, messageId: 0, root: slot.root, run: 'test', slot })
    const taken = await store.take(() => true)
    const before = await prover.counters()
    const proof = (await slotFinisher()).finish(taken!.slot, 77n)
    expect(await createVerifier(artifacts.vkey).verify(proof)).toBe(true)
    expect(await prover.counters()).toEqual(before)
    expect(progress.length).toBeGreaterThan(5)

    const controller = new AbortController()
    const cancelled = prover.prove(
      { ...input, x: 5n },
      { signal: controller.signal, onProgress: () => controller.abort('bye') },
    )
    await expect(cancelled).rejects.toMatchObject({ code: 'ABORTED', cause: 'bye' })
    await expect(prover.prove({ ...input, x: 0n })).rejects.toMatchObject({ code: 'ZERO_X' })
    await prover.stop()
    await expect(prover.prove({ ...input, x: 5n })).rejects.toMatchObject({ code: 'PROVER_STOPPED' })
  })

  it('says so when its artifacts are broken', async () => {
    const prover = threadProver({ wasm: new Uint8Array(), zkey: new Uint8Array() })
    await expect(prover.prove({ ...input, x: 5n })).rejects.toMatchObject({ code: 'PROVING_FAILED' })
    await prover.stop()
  })
})
