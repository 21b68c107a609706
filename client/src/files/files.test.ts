import type { SignedReceipt } from '@teahouse/protocol/blob'
import fc from 'fast-check'
import { numberToHex } from 'viem'
import { describe, expect, it } from 'vitest'
import type { PutOptions } from './options.ts'
import { CHUNK_BYTES } from './layout.ts'
import { readReference, writeReference } from './reference.ts'
import { MAX_TERM, network, NOW_MS } from './testing/network.ts'

function content(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => (at * 131 + (at >> 9)) & 255)
}

async function all(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const bytes: number[] = []
  for await (const part of parts) bytes.push(...part)
  return Uint8Array.from(bytes)
}

const WEEK: PutOptions = { days: 7 }

describe('files', () => {
  it.each([0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 5])(
    'of %i bytes come back as they were',
    async (size) => {
      const { open, nodes } = network(3)
      const files = open()
      const file = content(size)
      const stored = await files.put(file, WEEK)
      expect(stored).toMatchObject({ size, paid: 0n, receipts: 0 })
      expect(await all(files.get(stored.reference))).toEqual(file)
      // Every chunk has one size and lies at two nodes; nothing of the file can be read there.
      const chunks = nodes.flatMap(({ kept }) => [...kept.values()].map(({ data }) => data))
      expect(new Set(chunks.map(({ length }) => length))).toEqual(new Set([65_536]))
      expect(chunks).toHaveLength(2 * stored.chunks)
      expect(stored.operators).toHaveLength(2)
    },
  )

  it('come from a stream in parts of any size', async () => {
    const { open } = network(1)
    const file = content(2 * CHUNK_BYTES + 100)
    async function* stream() {
      for (let at = 0; at < file.length; at += 10_007) yield file.subarray(at, at + 10_007)
    }
    const { reference } = await open().put(stream(), { days: 1, copies: 1 })
    expect(await all(open().get(reference))).toEqual(file)
  })

  it('that were cut off go on, and nothing is stored or paid twice', async () => {
    const { open, nodes, bought } = network(2)
    const file = content(40 * CHUNK_BYTES)
    for (const one of nodes) one.credit = 0
    const stop = new AbortController()
    const options = { ...WEEK, pay: true, receipts: false }
    const onProgress = (bytes: number) => bytes > 16 * CHUNK_BYTES && stop.abort()
    await expect(open().put(file, { ...options, onProgress, signal: stop.signal })).rejects.toThrow()
    const before = nodes.map(({ puts }) => puts)
    expect(Math.min(...before)).toBeGreaterThanOrEqual(32)
    const { reference, chunks } = await open().put(file, options)
    expect(chunks).toBe(41)
    expect(nodes.map(({ puts }) => puts)).toEqual([41, 41])
    const days = [1, 2].map((id) =>
      bought.filter(([at]) => at === id).reduce((sum, [, order]) => sum + order['blob-day']!, 0),
    )
    expect(days).toEqual([41 * 7, 41 * 7])
    expect(await all(open().get(reference))).toEqual(file)
  })

  it('have the same reference when they are put again, until half of the time is over', async () => {
    const { open, nodes, pass, storage } = network(2)
    const file = content(CHUNK_BYTES + 5)
    const { reference, until } = await open().put(file, WEEK)
    const puts = nodes.map((one) => one.puts)
    pass(2)
    expect(await open().put(file, WEEK)).toMatchObject({ reference, until, paid: 0n })
    expect(nodes.map((one) => one.puts)).toEqual(puts)
    expect((await open().put(file, { days: 8 })).reference).not.toBe(reference)
    pass(2)
    expect((await open().put(file, WEEK)).reference).not.toBe(reference)
    // What is over is forgotten.
    pass(30)
    await open().put(content(5), WEEK)
    expect(await storage.keys('')).toHaveLength(1)
  })

  it('come from who kept them; who did not gets hardly anything from then on', async () => {
    const { open, nodes, shares } = network(3)
    const [loser, keeper] = [nodes[0]!, nodes[1]!]
    const references: string[] = []
    for (let at = 0; at < 20; at++)
      references.push((await open().put(content(at), { ...WEEK, nodes: [1, 2] })).reference)
    const before = await shares()
    loser.kept.clear()
    for (const reference of references) await all(open().get(reference))
    const after = await shares()
    expect(after.get(1)! / before.get(1)!).toBeLessThan(0.25) // also on a busy machine, where all are slow
    expect(after.get(2)).toBeGreaterThan(before.get(2)!)
    const asked = [loser.answers, keeper.answers]
    for (const reference of references) await all(open().get(reference))
    expect(loser.answers - asked[0]!).toBeLessThan((keeper.answers - asked[1]!) / 2)
  })

  it.each([
    { given: 'ended its promise by notice', endsIn: -1, isBlamed: false },
    { given: 'gave a notice that has not ended it yet', endsIn: 3_600, isBlamed: true },
  ])('blame a node that $given: $isBlamed', async ({ endsIn, isBlamed }) => {
    const { open, nodes, notices, shares } = network(2)
    const { reference } = await open().put(content(5), { ...WEEK, nodes: [1, 2], pay: true })
    const before = (await shares()).get(1)!
    nodes[0]!.kept.clear()
    notices.set(1, NOW_MS / 1_000 + endsIn)
    expect(await all(open().get(reference, { nodes: [1, 2] }))).toEqual(content(5))
    const ratio = async () => (await shares()).get(1)! / before
    if (isBlamed) return await expect.poll(ratio).toBeLessThan(0.3)
    await new Promise((resolve) => void setTimeout(resolve, 50))
    expect(await ratio()).toBeGreaterThan(0.6)
  })

  it('blame no node that never took them', async () => {
    const { open, nodes, shares } = network(3)
    const { reference, operators } = await open().put(content(5), WEEK)
    for (const id of operators) nodes[id - 1]!.kept.clear()
    const other = nodes.find(({ record }) => !operators.includes(record.operatorId))!
    await expect(all(open().get(reference))).rejects.toMatchObject({ code: 'MISSING' })
    expect((await shares()).get(other.record.operatorId)).toBeGreaterThan(0.2)
  })

  it('go to another node when one fails in the middle', async () => {
    const { open, nodes } = network(3)
    const file = content(40 * CHUNK_BYTES)
    nodes[0]!.failAfter = 20
    nodes[1]!.failAfter = 20
    const stored = await open().put(file, { ...WEEK, copies: 1, nodes: [1, 2, 3] })
    expect(stored.operators).toEqual([1, 2, 3])
    for (const one of nodes) one.failAfter = Infinity
    expect(await all(open().get(stored.reference))).toEqual(file)
  })

  it('stay at a node that is busy for a while, and come back to one that is busy for longer', async () => {
    const { open, nodes } = network(2)
    const options = { ...WEEK, copies: 1, nodes: [1, 2] }
    nodes[0]!.busy = 3
    expect((await open().put(content(20 * CHUNK_BYTES), options)).operators).toEqual([1])
    nodes[0]!.busy = 40
    nodes[1]!.failAfter = nodes[1]!.answers + 3
    const file = content(30 * CHUNK_BYTES)
    const { reference } = await open().put(file, options)
    nodes[1]!.failAfter = Infinity
    expect(await all(open().get(reference))).toEqual(file)
    expect(nodes[0]!.kept.size).toBeGreaterThan(45)
    nodes[0]!.busy = 10_000
    await expect(open().put(content(10), { ...options, nodes: [1] })).rejects.toMatchObject({
      code: 'TOO_FEW_NODES',
    })
  })

  it('are passed over at a node that gives other bytes, once it is known', async () => {
    const { open, nodes } = network(2)
    const file = content(20 * CHUNK_BYTES)
    const { reference } = await open().put(file, WEEK)
    nodes[0]!.lie = true
    const faults: string[] = []
    const files = open()
    expect(await all(files.get(reference, { onFault: ({ peerId }) => faults.push(peerId) }))).toEqual(file)
    expect(new Set(faults)).toEqual(new Set(faults.length > 0 ? ['peer1'] : []))
    nodes[1]!.kept.clear()
    await expect(all(files.get(reference))).rejects.toMatchObject({ code: 'MISSING' })
  })

  it('are prolonged for the added time, and what a node has lost is told', async () => {
    const { open, nodes, pass } = network(2)
    const { reference, until } = await open().put(content(2 * CHUNK_BYTES), WEEK)
    pass(3)
    const lost = [...nodes[0]!.kept.keys()][0]!
    nodes[0]!.kept.delete(lost)
    const renewed = await open().renew(reference, { days: 30 })
    expect(renewed.until).toBe(until + 26 * 86_400)
    expect(renewed.missing).toEqual([expect.objectContaining({ operatorId: 1, root: lost })])
    expect([...nodes[1]!.kept.values()].map((one) => one.until)).toEqual(Array(3).fill(renewed.until))
    nodes[1]!.kept.delete(lost)
    await expect(open().renew(reference, { days: 40 })).rejects.toMatchObject({
      detail: { code: 'MISSING', root: lost },
    })
  })

  it('have receipts, of which only those that hold are kept', async () => {
    const { open, nodes, receipts: kept } = network(2)
    nodes[1]!.forge = true
    const stored = await open().put(content(2 * CHUNK_BYTES), { ...WEEK, receipts: true })
    expect([stored.receipts, kept.length]).toEqual([3, 3])
    expect(kept.every(({ receipt }) => receipt.operator === 1 && receipt.until === stored.until)).toBe(true)
  })

  it('have receipts for as long as the court allows', async () => {
    const { open, nodes, receipts: kept } = network(2)
    nodes[1]!.from += 301 // begins in the future
    const stored = await open().put(content(5), { days: 90, receipts: true })
    expect([stored.receipts, kept.length]).toEqual([1, 1])
    const [{ receipt }] = kept as [SignedReceipt]
    expect([receipt.operator, receipt.until]).toEqual([1, NOW_MS / 1_000 + MAX_TERM])
  })

  it('have receipts also of the chunks that were there already when an upload goes on', async () => {
    const { open, nodes, receipts: kept, bought } = network(1)
    const options = { ...WEEK, copies: 1, receipts: true }
    await open().put(content(5 * CHUNK_BYTES), options)
    const puts = nodes[0]!.puts
    kept.splice(0, 4) // as when a crash came between the answer and the disk
    expect(await open().put(content(5 * CHUNK_BYTES), options)).toMatchObject({ receipts: 4 })
    expect([kept.length, nodes[0]!.puts, bought]).toEqual([6, puts, []])
    expect(await open().put(content(5 * CHUNK_BYTES), options)).toMatchObject({ receipts: 0 })
  })

  it('are prolonged from now on, though an earlier call was cut off days ago', async () => {
    const { open, nodes, pass } = network(1)
    const { reference, until } = await open().put(content(5 * CHUNK_BYTES), { ...WEEK, copies: 1 })
    pass(1)
    Object.assign(nodes[0]!, { answers: 0, failAfter: 4 })
    await expect(open().renew(reference, { days: 30 })).rejects.toThrow()
    nodes[0]!.failAfter = Infinity
    pass(10)
    // The chunks that were prolonged have lasted; the others are there still in this test.
    expect(await open().renew(reference, { days: 30 })).toMatchObject({ until: until + 34 * 86_400 })
  })

  it('have receipts, of which none is lost when a node fails in the middle', async () => {
    const { open, nodes, receipts: kept, pass } = network(1)
    const options = { ...WEEK, copies: 1, receipts: true }
    nodes[0]!.failAfter = 5
    await expect(open().put(content(12 * CHUNK_BYTES), options)).rejects.toMatchObject({
      code: 'TOO_FEW_NODES',
    })
    expect([nodes[0]!.puts, kept.length]).toEqual([5, 5])
    nodes[0]!.failAfter = Infinity
    const { reference } = await open().put(content(12 * CHUNK_BYTES), options)
    pass(1)
    kept.length = 0
    Object.assign(nodes[0]!, { answers: 0, failAfter: 5 })
    nodes[0]!.puts = 0
    await expect(open().renew(reference, { ...WEEK, receipts: true })).rejects.toThrow()
    expect(nodes[0]!.puts).toBeGreaterThan(0)
    expect(kept).toHaveLength(nodes[0]!.puts)
  })
})

describe('when it must refuse', () => {
  it('says that a node wants to be paid, and pays nothing unasked', async () => {
    const { open, nodes, bought } = network(2)
    for (const one of nodes) one.credit = 0
    await expect(open().put(content(5), WEEK)).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' })
    expect(bought).toEqual([])
  })

  it('stores nothing with fewer nodes than copies', async () => {
    const { open, nodes } = network(2)
    await expect(open().put(content(5), { ...WEEK, copies: 3 })).rejects.toMatchObject({
      code: 'TOO_FEW_NODES',
    })
    nodes[0]!.failAfter = 0
    await expect(open().put(content(5), WEEK)).rejects.toMatchObject({ code: 'TOO_FEW_NODES' })
  })

  it.each([{ days: 0 }, { days: 1.5 }, { days: 1, copies: 0 }, { days: 1, copies: 17 }])(
    'takes no %j',
    async (options) => {
      await expect(network(1).open().put(content(5), options)).rejects.toMatchObject({ code: 'BAD_OPTION' })
    },
  )

  it('opens nothing under another key, and no other file', async () => {
    const { open } = network(2)
    const stored = await open().put(content(CHUNK_BYTES + 5), WEEK)
    const file = readReference(stored.reference)
    for (const change of [{ key: new Uint8Array(32) }, { size: file.size - 1 }, { size: 5 }]) {
      const other = writeReference({ ...file, ...change })
      await expect(all(open().get(other))).rejects.toMatchObject({ code: 'NOT_THE_FILE' })
    }
  })

  it('reads a reference only as it was written', () => {
    const reference = {
      size: 5,
      root: numberToHex(7, { size: 32 }),
      key: new Uint8Array(32).fill(3),
      operators: [1, 2 ** 32 - 1],
    }
    const text = writeReference(reference)
    expect(readReference(` ${text.slice(0, 40)}\n${text.slice(40)} `)).toEqual(reference)
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom('A', 'b', '-', ''), (at, put) => {
        const broken = text.slice(0, at) + put + text.slice(at + 1)
        if (broken !== text)
          expect(() => readReference(broken)).toThrow(expect.objectContaining({ code: 'BAD_REFERENCE' }))
      }),
    )
  })
})
