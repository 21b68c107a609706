import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { WakuMessage } from '@teahouse/protocol/wire'
import { describe, expect, it } from 'vitest'
import { newGate, prepareNode, until, type Gate, type NodeProcess } from '../../support/index.ts'
import { faultyWorld, push, texts, withConfig } from './faulty-world.ts'

const world = faultyWorld()

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
      // Nothing is held back: the disk itself is what runs out.
      const config = { budgets: { diskReserveBytes: 0 } }
      const prepared = await withConfig(await prepareNode(world.chain, { config }), { dataDir: disk.folder })
      let node = await world.start(prepared)
      const kept = ['before']
      expect(await push(node, await world.newLetter('before'))).toBe(200)
      const filler = join(disk.folder, 'filler')
      await run('sh', ['-c', `head -c 100000000 /dev/zero > ${filler} || true`])
      const refused: WakuMessage[] = []
      for (let at = 0; at < 3; at++) {
        const letter = await world.newLetter(`on a full disk ${at}`)
        if ((await push(node, letter)) === 200) kept.push(`on a full disk ${at}`)
        else refused.push(letter)
      }
      expect(refused.length).toBeGreaterThan(0)
      expect((await node.health()).status).not.toBe('down')
      expect(await texts(node)).toEqual([...kept].sort())
      await rm(filler)
      const later = await world.newLetter('there is room again')
      await until('it takes messages again', async () => (await push(node, later)) === 200)
      kept.push('there is room again')
      expect(await texts(node)).toEqual([...kept].sort())
      await node.kill('SIGKILL')
      node = await world.start(prepared)
      expect(await texts(node)).toEqual([...kept].sort())
      await node.kill()
    } finally {
      await world.killAll()
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
      const prepared = await prepareNode(world.chain, { config })
      const port = prepared.config.listen![0]!.split('/').at(-1)
      const gate = await newGate(`http://127.0.0.1:${port}`)
      gates.push(gate)
      const announce = [`/ip4/127.0.0.1/tcp/${new URL(gate.url).port}`]
      nodes.push(await world.start(await withConfig(prepared, { announce })))
    }
    const ids = await Promise.all(nodes.map(async (node) => (await node.info()).peerId))
    const areConnected = async () => (await nodes[0]!.info()).peers.includes(ids[1]!)
    await until('they found each other', areConnected)
    const sent: string[] = []
    const send = async (to: NodeProcess, text: string) => {
      expect(await push(to, await world.newLetter(text))).toBe(200)
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
