import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkRootAnswer, decodeRootAnswer, encodeRootRequest } from '@teahouse/protocol/receipts'
import { PROTOCOLS } from '@teahouse/protocol/wire'
import { describe, expect, it } from 'vitest'
import {
  CLUSTER_ID,
  newLightPeer,
  prepareNode,
  until,
  withClock,
  type PreparedNode,
} from '../../support/index.ts'
import { addressOf, faultyWorld, PUBSUB_TOPIC, push, texts } from './faulty-world.ts'

const SHARD = Number(PUBSUB_TOPIC.split('/').at(-1))
const HOUR_MS = 3_600_000
const world = faultyWorld()

describe('a clock that jumps', () => {
  it('ahead and back removes nothing, signs nothing, and leaves a node that works', async () => {
    const clock = join(await mkdtemp(join(tmpdir(), 'teahouse-clock-')), 'shift')
    const setClock = (shiftMs: number) => writeFile(clock, String(shiftMs))
    await setClock(0)
    const prepared = await prepareNode(world.chain, {
      config: { store: { retention: { seconds: 86_400, everyMs: 200 } } },
    })
    const node = await world.start({ ...prepared, env: withClock({ file: clock }) })
    expect(await push(node, await world.newLetter('at the right time'))).toBe(200)
    for (const shift of [90 * 24 * HOUR_MS, -90 * 24 * HOUR_MS]) {
      await setClock(shift)
      expect(await push(node, await world.newLetter(`at another time ${shift}`))).not.toBe(200)
      await sleep(1_000)
      expect(await texts(node)).toEqual(['at the right time'])
    }
    await setClock(0)
    expect(await push(node, await world.newLetter('at the right time again'))).toBe(200)
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
      ...(await prepareNode(world.chain, { config })),
      env: withClock({ file: clock }),
    }
    let node = await world.start(prepared)
    const now = async () => Number((await world.chain.client.getBlock()).timestamp)
    const hour = BigInt(Math.floor(Math.max(await now(), Date.now() / 1_000) / 3_600) + 1)
    const court = world.chain.contracts.ArchiveCourt
    const ask = async (of: bigint) => {
      const peer = await newLightPeer(await addressOf(node))
      try {
        const answer = decodeRootAnswer(await peer.send(PROTOCOLS.root, encodeRootRequest(SHARD, of)))
        const { operatorId: operator, node: key } = prepared
        const where = { operator, cluster: CLUSTER_ID, shard: SHARD, hour: of }
        await checkRootAnswer({ ...where, court, chainId: world.chain.chainId, node: key }, answer)
        return answer.root
      } finally {
        await peer.stop()
      }
    }
    const over = (hours: number) => Number(hour + BigInt(hours)) * 3_600 + 90
    const moveTo = async (seconds: number) => {
      await world.chain.control.setNextBlockTimestamp({ timestamp: BigInt(seconds) })
      await world.chain.control.mine({ blocks: 1 })
      await setClock(seconds * 1_000 - Date.now())
    }
    await expect(ask(hour)).rejects.toMatchObject({ detail: { status: 404 } })
    const data = join(prepared.folder, 'data')
    await node.kill()
    for (const file of ['roots.sqlite', 'roots.stop'])
      await copyFile(join(data, file), join(data, `${file}.old`))
    node = await world.start(prepared)
    await moveTo(over(1))
    const said = await until('the root is signed', () => ask(hour).catch(() => undefined), 30_000, 500)
    await setClock(shiftMs - 5 * HOUR_MS)
    expect(await ask(hour)).toEqual(said)
    await node.kill('SIGKILL')
    node = await world.start(prepared)
    await setClock(shiftMs + 5 * HOUR_MS)
    await sleep(1_000)
    expect(await ask(hour)).toEqual(said)

    await node.kill('SIGKILL')
    for (const name of await readdir(data)) if (/^roots\.sqlite-/.test(name)) await rm(join(data, name))
    for (const file of ['roots.sqlite', 'roots.stop'])
      await copyFile(join(data, `${file}.old`), join(data, file))
    node = await world.start(prepared)
    await sleep(2_000)
    await expect(ask(hour)).rejects.toMatchObject({ detail: { status: 404 } })
    await moveTo(over(4))
    await until('a later hour is signed', () => ask(hour + 3n).catch(() => undefined), 30_000, 500)
    await expect(ask(hour)).rejects.toMatchObject({ detail: { status: 404 } })
    expect(await node.kill()).toEqual({ code: 0, signal: null })
  }, 300_000)
})
