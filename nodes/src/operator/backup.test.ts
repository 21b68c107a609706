import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { zeroAddress } from 'viem'
import { lockDataDir } from '../chain/guard.ts'
import { openDatabases } from '../databases.ts'
import { sqliteBook } from '../lease/index.ts'
import { voucherBook } from '../payments/voucher-book.ts'
import { backUpNode, restoreNode } from './backup.ts'
import { heedRestored } from './restored.ts'
import { unseal } from './sealed-file.ts'

const PASSPHRASE = 'oolong and jasmine'
const CHEAP = { log2n: 4, r: 8, p: 1 }
const NAMES = [
  'Token',
  'MembershipRegistry',
  'OperatorStaking',
  'ServiceRegistry',
  'PaymentChannels',
  'Escrow',
  'RedEnvelope',
  'RetrievalCourt',
  'ArchiveCourt',
]
const CONFIG = {
  dataDir: 'data',
  keyFile: 'node.key.json',
  clusterId: 1,
  chainId: 1,
  rpcUrls: ['http://127.0.0.1:1'],
  contracts: Object.fromEntries(NAMES.map((name) => [name, zeroAddress])),
}
const VOUCHER = { payer: zeroAddress, epoch: 0n, cumulative: 5n, signature: '0x11', peerId: 'peer' } as const

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'teahouse-backup-test-'))
  await mkdir(join(folder, 'data'))
  await writeFile(join(folder, 'config.json'), `// mine\n${JSON.stringify(CONFIG)}`)
  await writeFile(join(folder, 'node.key.json'), '{"crypto":1}')
  await writeFile(join(folder, 'identity.json'), '{"secret":"0x1","rateLimit":5}')
  await writeFile(join(folder, 'data/chain.json'), '{}')
  await writeFile(join(folder, 'data/roots.stop'), 'mark')
  await writeFile(join(folder, 'data/api.token'), 'secret')
  const db = openDatabases(join(folder, 'data'))
  voucherBook(db.vouchers).enter(VOUCHER)
  db.close()
})

const backup = () => backUpNode(folder, PASSPHRASE, { cost: CHEAP })
const elsewhere = () => join(folder, 'restored')

describe('a backup of a node', () => {
  it('brings configuration, keys and vouchers back, and no mark of a clean stop', async () => {
    const { bytes } = await backup()
    await restoreNode(elsewhere(), bytes, PASSPHRASE, { adopt: false })
    expect(await readFile(join(elsewhere(), 'config.json'), 'utf8')).toMatch(/^\/\/ mine/)
    expect(await readFile(join(elsewhere(), 'identity.json'), 'utf8')).not.toMatch(/adopt/)
    const found = await readdir(join(elsewhere(), 'data'))
    expect(found).not.toContain('roots.stop')
    expect(found).not.toContain('counter.sqlite')
    expect(found).not.toContain('api.token')
    const db = openDatabases(join(elsewhere(), 'data'))
    expect(voucherBook(db.vouchers).totals().pending).toBe(5n)
    db.close()
  })

  it('takes the membership over only if the operator says so', async () => {
    await restoreNode(elsewhere(), (await backup()).bytes, PASSPHRASE, { adopt: true })
    expect(JSON.parse(await readFile(join(elsewhere(), 'identity.json'), 'utf8'))).toMatchObject({
      adopt: true,
    })
  })

  it('tells the node once that its books may be older than what it signed', async () => {
    await restoreNode(elsewhere(), (await backup()).bytes, PASSPHRASE, { adopt: false })
    const heeded: number[] = []
    const heed = async (at: number) => void heeded.push(at)
    await heedRestored(join(elsewhere(), 'data'), heed)
    await heedRestored(join(elsewhere(), 'data'), heed)
    expect(heeded).toEqual([expect.closeTo(Date.now() / 1_000, -2)])
  })

  it('has the lease book refuse what it may have granted before', async () => {
    const db = openDatabases(join(folder, 'data'))
    const book = sqliteBook(db.leases)
    await book.prune(12n)
    const claim = {
      key: new Uint8Array(32),
      first: 0,
      end: 1,
      nonce: new Uint8Array(16),
      signature: new Uint8Array(64),
    }
    expect(await book.enter({ ...claim, epoch: 11n })).toBeUndefined()
    expect(await book.enter({ ...claim, epoch: 12n })).toBeDefined()
    db.close()
  })
})

describe('when it must refuse', () => {
  it('refuses to copy what a node is using', async () => {
    const locked = await lockDataDir(join(folder, 'data'))
    await expect(backup()).rejects.toMatchObject({ code: 'LOCKED' })
    locked.release()
  })

  it('replaces nothing', async () => {
    const { bytes } = await backup()
    await expect(restoreNode(folder, bytes, PASSPHRASE, { adopt: false })).rejects.toMatchObject({
      code: 'NOT_EMPTY',
    })
  })

  it('refuses to leave a key out', async () => {
    await writeFile(join(folder, 'config.json'), JSON.stringify({ ...CONFIG, keyFile: 'keys/own.json' }))
    const path = join(folder, 'keys/own.json')
    await expect(backup()).rejects.toMatchObject({ code: 'INCOMPLETE', detail: { path } })
    await writeFile(join(folder, 'config.json'), JSON.stringify(CONFIG))
    const env = { TEAHOUSE_KEY_FILE: path }
    await expect(backUpNode(folder, PASSPHRASE, { env, cost: CHEAP })).rejects.toMatchObject({
      code: 'INCOMPLETE',
    })
  })

  it('puts nothing beside data that is there, and no keys before the data', async () => {
    const { bytes } = await backup()
    await mkdir(join(elsewhere(), 'empty'), { recursive: true })
    const restored = join(elsewhere(), 'empty')
    const env = { TEAHOUSE_DATA_DIR: join(folder, 'data') }
    await expect(restoreNode(restored, bytes, PASSPHRASE, { adopt: false, env })).rejects.toMatchObject({
      code: 'NOT_EMPTY',
    })
    expect(await readdir(restored)).toEqual([])
    const blocked = join(elsewhere(), 'blocked')
    const into = { TEAHOUSE_DATA_DIR: '/dev/null/data' }
    await restoreNode(blocked, bytes, PASSPHRASE, { adopt: false, env: into }).catch(() => undefined)
    expect(await readdir(blocked)).toEqual(['config.json'])
  })

  it('opens with its passphrase only, and whole only', async () => {
    const { bytes } = await backup()
    expect(() => unseal(bytes, 'lapsang')).toThrow(expect.objectContaining({ code: 'CANT_OPEN' }))
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Uint8Array.from(bytes)
        changed[at]! ^= flip
        expect(() => unseal(changed, PASSPHRASE)).toThrow(
          expect.objectContaining({ code: expect.stringMatching(/CANT_OPEN|NOT_A_BACKUP/) }),
        )
      }),
      { numRuns: 30 },
    )
  })

  it('takes no bytes for a backup that are none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(() => unseal(bytes, PASSPHRASE)).toThrow(expect.objectContaining({ code: 'NOT_A_BACKUP' }))
      }),
    )
  })
})
