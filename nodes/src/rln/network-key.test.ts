import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { readNetworkKey, type NetworkKey } from '@teahouse/protocol/rln'
import { artifactUrls } from '@teahouse/protocol/rln/artifacts'
import { RlnConfig } from './config.ts'
import { loadNetworkKey } from './network-key.ts'

const VECTOR = new URL('../../../test/vectors/zerokit-rln20-proof.json', import.meta.url)
let committed: NetworkKey
let foreign: { readonly json: unknown; readonly path: string }

beforeAll(async () => {
  committed = readNetworkKey(JSON.parse(await readFile(artifactUrls.vkey(), 'utf8')))
  const { verificationKey: json } = JSON.parse(await readFile(VECTOR, 'utf8')) as { verificationKey: unknown }
  const path = join(await mkdtemp(join(tmpdir(), 'teahouse-key-')), 'vkey.json')
  await writeFile(path, JSON.stringify(json))
  foreign = { json, path }
})

const load = (config: object) => loadNetworkKey(RlnConfig.parse(config), committed)

describe('the key that a node verifies under', () => {
  it('is the committed one without a setting', async () => {
    expect(await load({})).toEqual(committed)
    expect(await load({ identityFile: 'identity.json', verificationKeyId: committed.id })).toEqual(committed)
  })

  it('is the one that the configuration names, such as that of the public ceremony', async () => {
    const { id } = await load({ verificationKeyFile: foreign.path })
    expect(id).toBe(readNetworkKey(foreign.json).id)
    expect(id).not.toBe(committed.id)
    expect(await load({ verificationKeyFile: foreign.path, verificationKeyId: id })).toMatchObject({ id })
  })
})

describe('when it must refuse', () => {
  it.each([
    { given: 'another id than the network names', more: { verificationKeyId: `0x${'11'.repeat(32)}` } },
    { given: 'a key that it has no proving key for', more: { identityFile: 'identity.json' } },
  ])('$given: WRONG_KEY', async ({ more }) => {
    const config = { verificationKeyFile: foreign.path, ...more }
    await expect(load(config)).rejects.toMatchObject({ code: 'WRONG_KEY' })
  })

  it('a file that is not there, or holds no key', async () => {
    const missing = load({ verificationKeyFile: `${foreign.path}.old` })
    await expect(missing).rejects.toMatchObject({ code: 'DATA_UNREADABLE' })
    const path = `${foreign.path}.bad`
    await writeFile(path, 'key')
    await expect(load({ verificationKeyFile: path })).rejects.toMatchObject({ code: 'DATA_CORRUPT' })
    await writeFile(path, '{}')
    await expect(load({ verificationKeyFile: path })).rejects.toMatchObject({ code: 'BAD_VERIFYING_KEY' })
  })
})
