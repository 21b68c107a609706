import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generatePrivateKey } from 'viem/accounts'
import { beforeEach, describe, expect, it } from 'vitest'
import type { World } from '../session.ts'
import { provenPassphrase, sealNodeKey } from './node-key.ts'

const scryptCost = { n: 2, r: 8, p: 1 }
let file: string
beforeEach(async () => {
  file = join(await mkdtemp(join(tmpdir(), 'teahouse-node-key-')), 'node.key.json')
})

const typing = (...answers: string[]): World =>
  ({ cwd: '/', env: {}, scryptCost, askSecret: async () => answers.shift() ?? '' }) as unknown as World
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: { code?: string }) => error.code,
  )

describe('the passphrase for the next node key', () => {
  it('is the one that opens the present key, and no other', async () => {
    await writeFile(file, await sealNodeKey(generatePrivateKey(), 'oolong', typing()))
    expect(await provenPassphrase(file, typing('oolong'), {})).toBe('oolong')
    expect(await codeOf(provenPassphrase(file, typing('oolonf'), {}))).toBe('WRONG_PASSPHRASE')
  })

  it('is typed twice if the present key is plain', async () => {
    await writeFile(file, generatePrivateKey())
    expect(await provenPassphrase(file, typing('oolong', 'oolong'), {})).toBe('oolong')
    expect(await codeOf(provenPassphrase(file, typing('oolong', 'oolonf'), {}))).toBe('PASSPHRASES_DIFFER')
  })
})
