import { execFileSync, spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { verifyRelease, writeSums } from './sums.ts'

const folders: string[] = []
let folder: string
let keys: { own: string; public: string; other: string }

async function keyPair(): Promise<{ own: string; public: string }> {
  const home = await mkdtemp(join(tmpdir(), 'release-key-'))
  folders.push(home)
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const [own, pub] = [join(home, 'own.pem'), join(home, 'public.pem')]
  await writeFile(own, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  await writeFile(pub, publicKey.export({ type: 'spki', format: 'pem' }))
  return { own, public: pub }
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'release-'))
  folders.push(folder)
  await writeFile(join(folder, 'b.tgz'), 'bb')
  await writeFile(join(folder, 'a.tgz'), 'aa')
  keys = { ...(await keyPair()), other: (await keyPair()).public }
  await writeSums(folder, keys.own)
})
afterAll(() => Promise.all(folders.map((path) => rm(path, { recursive: true }))))

it('holds for what was released, also to other tools', async () => {
  await verifyRelease(folder, keys.public)
  if (spawnSync('sha256sum', ['--version']).error === undefined)
    execFileSync('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: folder })
  if (spawnSync('openssl', ['version']).error === undefined) {
    const verifying = ['pkeyutl', '-verify', '-rawin', '-pubin', '-inkey', keys.public]
    const given = ['-in', 'SHA256SUMS', '-sigfile', 'SHA256SUMS.sig']
    expect(execFileSync('openssl', [...verifying, ...given], { cwd: folder, encoding: 'utf8' })).toContain(
      'Success',
    )
  }
})

describe('when it must refuse', () => {
  it.each([
    { given: 'another key', act: () => undefined, code: 'BAD_SIGNATURE', key: 'other' },
    { given: 'a file that changed', act: () => writeFile(join(folder, 'a.tgz'), 'ab'), code: 'BAD_SUM' },
    { given: 'a file that is missing', act: () => rm(join(folder, 'b.tgz')), code: 'BAD_SUM' },
    { given: 'a file more', act: () => writeFile(join(folder, 'c.tgz'), ''), code: 'NOT_NAMED' },
    {
      given: 'sums that changed',
      act: () => writeFile(join(folder, 'SHA256SUMS'), ''),
      code: 'BAD_SIGNATURE',
    },
    { given: 'no signature', act: () => rm(join(folder, 'SHA256SUMS.sig')), code: 'NOT_SIGNED' },
    { given: 'a file that is no key', act: () => writeFile(keys.public, 'x'), code: 'KEY_UNUSABLE' },
  ] as const)('given $given: $code', async ({ act, code, ...rest }) => {
    await act()
    const key = 'key' in rest ? keys.other : keys.public
    await expect(verifyRelease(folder, key)).rejects.toMatchObject({ code })
  })
})
