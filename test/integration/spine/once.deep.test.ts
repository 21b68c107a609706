import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { LocalNetwork } from '@teahouse/protocol/chain'
import { isAlive } from '../../../scripts/start/process-group.ts'
import { CHILDREN, childrenOf, startRun } from './run.ts'

const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

describe('npm start -- --once', () => {
  it('walks all steps after a run that was killed, ends what that one left, and exits 0', async () => {
    const killed = await startRun([])
    folders.push(killed.home)
    await killed.until('\n3  ')
    const left = await childrenOf(killed)
    killed.signal('SIGKILL')
    await killed.ended
    expect(left.filter(isAlive)).toHaveLength(CHILDREN)

    const letter = join(killed.home, 'letter.txt')
    await writeFile(letter, 'From a file.\n')
    const run = await startRun(['--once', '--message', letter], { home: killed.home })
    const { ended, stdout, stderr } = await run.ended
    expect({ ended, stderr }).toEqual({ ended: 0, stderr: '' })
    expect(stdout).toContain('Alice sends 13 bytes to node 1')
    expect(left.filter(isAlive)).toEqual([])
    const record = LocalNetwork.parse(JSON.parse(await readFile(join(run.home, 'local.json'), 'utf8')))
    expect(record.nodes).toEqual([])
    expect(await childrenOf(run)).toEqual([])
  }, 240_000)
})
