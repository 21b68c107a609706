import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ReleasePlaces, releasePlaces, releases } from './releases.ts'

const OLD = { Token: [{ type: 'function', name: 'mint' }] }
const NEW = { Token: [{ type: 'function', name: 'burn' }] }
const ADDRESS = `0x${'11'.repeat(20)}`
const HASH = `0x${'22'.repeat(32)}`

let root: string
let places: ReleasePlaces

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'teahouse-releases-'))
  places = releasePlaces(root)
})
afterEach(() => rm(root, { recursive: true }))

const generated = (file: string) => readFile(join(places.generated, file), 'utf8')
const write = (abis: typeof OLD) => releases(abis, places, false)
const check = (abis: typeof OLD) => releases(abis, places, true)

/** A deployment that speaks `abiVersion`. */
async function deployed(abiVersion: number): Promise<void> {
  const record = {
    id: '0a1b2c3d4e5f',
    chainId: 7,
    abiVersion,
    compiler: { version: '0.8.37', evmVersion: 'cancun', optimizerRuns: 1, viaIR: false },
    contracts: { Token: { source: 'T.sol:Token', address: ADDRESS, codeHash: HASH } },
    libraries: {},
  }
  await mkdir(join(places.records, '7'), { recursive: true })
  await writeFile(join(places.records, '7/0a1b2c3d4e5f.json'), JSON.stringify(record))
}

describe('the ABIs of all deployments', () => {
  it('follow the contracts while nobody has deployed them', async () => {
    expect(await write(OLD)).toEqual([])
    expect(await check(OLD)).toEqual([])
    expect(await check(NEW)).toHaveLength(2)
    expect(await write(NEW)).toEqual([])
    expect(await generated('abis-1.ts')).toContain('burn')
    expect(await generated('index.ts')).toContain('ABI_VERSION = 1')
  })

  it('are frozen by a deployment: a change of the contracts makes the next version', async () => {
    await write(OLD)
    await deployed(1)
    expect(await check(OLD)).toHaveLength(1) // the index does not have the deployment yet
    await write(OLD)
    expect(await check(OLD)).toEqual([])
    expect(await generated('index.ts')).toContain('0a1b2c3d4e5f')
    expect(await write(NEW)).toEqual([])
    expect(await generated('abis-1.ts')).toContain('mint')
    expect(await generated('abis-2.ts')).toContain('burn')
    expect(await generated('index.ts')).toContain('ABI_VERSION = 2')
    expect(await check(NEW)).toEqual([])
  })

  describe('when they must be refused', () => {
    beforeEach(async () => {
      await write(OLD)
      await deployed(1)
      await write(NEW)
    })

    it('for one character of a frozen version', async () => {
      const path = join(places.generated, 'abis-1.ts')
      await writeFile(path, (await readFile(path, 'utf8')).replace('mint', 'mink'))
      expect(await check(NEW)).toEqual([expect.stringContaining('abis-1.ts has changed')])
      expect(await write(NEW)).toHaveLength(1) // not mended silently
    })

    it('for a frozen version that is gone', async () => {
      await rm(join(places.generated, 'abis-1.ts'))
      expect(await check(NEW)).toEqual([expect.stringContaining('version 1 are gone')])
    })

    it('for a deployment of a version that never was', async () => {
      await deployed(9)
      expect(await write(NEW)).toEqual([expect.stringContaining('version 9 are gone')])
    })
  })
})
