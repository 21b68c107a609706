import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { isAlive } from '../../../scripts/start/process-group.ts'
import { childrenOf, startRun } from './run.ts'

const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

describe('when it must refuse', () => {
  it.each([
    { given: 'an unknown flag', args: ['--onse'], says: '--help' },
    {
      given: 'a message file that is not there',
      args: ['--message', '/nowhere/letter.txt'],
      says: 'cannot be read',
    },
    { given: 'words without a flag', args: ['hello'], says: '--help' },
  ])('given $given, says what to do and exits 2', async ({ args, says }) => {
    const run = await startRun(args)
    folders.push(run.home)
    const { ended, stderr, stdout } = await run.ended
    expect(stderr).toContain(says)
    expect({ ended, stdout }).toEqual({ ended: 2, stdout: '' })
  })

  it('given a message above the limit, names both sizes and exits 2', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'teahouse-letter-'))
    folders.push(folder)
    await writeFile(join(folder, 'long.txt'), 'x'.repeat(200_000))
    const run = await startRun(['--message', join(folder, 'long.txt')])
    folders.push(run.home)
    expect(await run.ended).toMatchObject({
      ended: 2,
      stderr: expect.stringMatching(/200000 bytes.*131072/) as string,
    })
  })
})

describe('when the terminal goes away', () => {
  it('stops its processes', async () => {
    const run = await startRun([])
    folders.push(run.home)
    await run.until('\n2  ')
    const left = await childrenOf(run)
    run.closeTerminal()
    await run.ended
    await sleep(100)
    expect(left.filter(isAlive)).toEqual([])
  }, 120_000)
})
