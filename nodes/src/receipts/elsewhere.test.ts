import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { blobDesk, blobService, BlobConfig, type BlobStore } from '../blob/index.ts'
import { content, DAY, NOW, openStoreIn, rootOf } from '../blob/testing/blobs.ts'
import type { Charge, Net } from '../net/index.ts'
import { SILENT, testHost, until } from '../net/test-hosts.ts'
import { elsewhere, type Elsewhere, type Holder } from './elsewhere.ts'

/** More than are asked in one look. */
const OTHERS = 10

interface Other {
  readonly net: Net
  readonly store: BlobStore
  readonly holder: Holder
  /** How often it was asked for a blob that it has. */
  given: number
  charge: Charge
}

let folder: string
let others: Other[]
let own: Net
let store: BlobStore
let found: Elsewhere
let seed = 0

const databases: { close(): void }[] = []

async function openStore(name: string): Promise<BlobStore> {
  const opened = openStoreIn(await mkdtemp(join(folder, name)))
  databases.push(opened.db)
  return opened.store
}

async function openOther(operatorId: number): Promise<Other> {
  const net = await testHost()
  const blobs = await openStore('other-')
  const other: Other = {
    ...{ net, store: blobs, given: 0, charge: async () => ({ ok: true }) },
    get holder() {
      return { operatorId, peerId: net.peerId, addresses: net.getMultiaddrs() }
    },
  }
  const charge: Charge = (...units) => {
    other.given++
    return other.charge(...units)
  }
  const desk = blobDesk({ store: blobs, charge, maxDays: 30, now: () => NOW * 1_000, log: SILENT })
  await blobService(BlobConfig.parse({}), { net, desk, log: SILENT }).start()
  await net.start()
  return other
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'teahouse-elsewhere-'))
  own = await testHost([])
  await own.start()
  store = await openStore('own-')
  others = await Promise.all(Array.from({ length: OTHERS }, (_, at) => openOther(at + 1)))
})
afterAll(async () => {
  await Promise.all([own.stop(), ...others.map(({ net }) => net.stop())])
  for (const db of databases) db.close()
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  for (const other of others) Object.assign(other, { given: 0, charge: async () => ({ ok: true }) })
  found = elsewhere({
    ...{ net: own, store, log: SILENT, signal: new AbortController().signal },
    holders: () => others.map(({ holder }) => holder),
  })
})

/** Something that these operators keep, and what to ask for it. */
async function kept(...operators: readonly number[]) {
  const data = content(seed++)
  const root = rootOf(data)
  for (const operator of operators) await others[operator - 1]!.store.keep(root, { until: NOW + DAY }, data)
  return { data, wanted: { root, size: BigInt(data.length), operator: 1, until: NOW + DAY } }
}

async function look(wanted: Parameters<Elsewhere['look']>[0]): Promise<Uint8Array | undefined> {
  found.look(wanted)
  await found.idle()
  return await store.read(wanted.root)
}

describe('content that is looked for elsewhere', () => {
  it('comes from who promised it before anybody else is asked, and is kept as long as it may be needed', async () => {
    const { data, wanted } = await kept(3, 7, 9)
    expect(await look({ ...wanted, operator: 7 })).toEqual(data)
    expect(others.map(({ given }) => given)).toEqual(
      others.map(({ holder }) => (holder.operatorId === 7 ? 1 : 0)),
    )
    expect(store.find(wanted.root)).toMatchObject({ until: NOW + DAY })
  })

  it('is found wherever it is after some looks, since others are asked each time, and leaves no connection behind', async () => {
    const { data, wanted } = await kept(10)
    let looks = 1
    while (!(await look(wanted))) expect(looks++).toBeLessThan(3)
    expect(await store.read(wanted.root)).toEqual(data)
    await until(() => own.getConnections().length === 0)
  })

  it('is asked for again in the next rounds, since it may come to be there', async () => {
    const { data, wanted } = await kept()
    for (let round = 0; round < 3; round++) expect(await look(wanted)).toBeUndefined()
    await others[4]!.store.keep(wanted.root, { until: NOW + DAY }, data)
    let looks = 0
    while (!(await look(wanted))) expect(looks++).toBeLessThan(4)
    expect(await store.read(wanted.root)).toEqual(data)
  })
})

describe('when it must refuse', () => {
  it('takes nothing with another root or of another length', async () => {
    const { data, wanted } = await kept()
    const other = content(seed++)
    await others[0]!.store.keep(wanted.root, { until: NOW + DAY }, other)
    expect(await look(wanted)).toBeUndefined()
    expect(others[0]!.given).toBe(1)
    await others[1]!.store.keep(wanted.root, { until: NOW + DAY }, data)
    for (let round = 0; round < 3; round++)
      expect(await look({ ...wanted, size: wanted.size + 1n })).toBeUndefined()
    expect(others[1]!.given).toBeGreaterThan(0)
  })

  it('pays nobody: who wants money is passed over', async () => {
    const { data, wanted } = await kept(1, 2)
    others[0]!.charge = async () => ({ ok: false, description: 'Free quota used up' })
    expect(await look(wanted)).toEqual(data)
    expect([others[0]!.given, others[1]!.given]).toEqual([1, 1])
  })

  it('asks for nothing that no blob can be', async () => {
    const { wanted } = await kept(1)
    expect(await look({ ...wanted, size: 65_537n })).toBeUndefined()
    expect(others.every(({ given }) => given === 0)).toBe(true)
  })
})
