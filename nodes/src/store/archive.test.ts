import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createLog } from '../log.ts'
import { archive } from './archive.ts'
import { archiveSuite } from './testing/suite.ts'
import type { ArchiveEngine, MessageRow } from './engine.ts'
import { sqliteEngine } from './sqlite/engine.ts'
import { message, NOW_MS, TOPIC } from './testing/archives.ts'

archiveSuite('an archive in SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'teahouse-archive-'))
  return {
    open: () => sqliteEngine(join(folder, 'archive.sqlite')),
    cleanUp: () => rm(folder, { recursive: true }),
  }
})

const numbered = (count: number) =>
  Array.from({ length: count }, (_, at) => message({ payload: new Uint8Array(Uint32Array.of(at).buffer) }))

/** An engine whose inserts wait until they are let go; everything else is that of SQLite. */
async function slowArchive(groups = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'teahouse-archive-'))
  const engine = await sqliteEngine(join(folder, 'archive.sqlite'))
  const inserts: { rows: readonly MessageRow[]; go: (failure?: Error) => void }[] = []
  const insert: ArchiveEngine['insert'] = async (rows) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    inserts.push({ rows, go: (failure) => (failure ? reject(failure) : resolve()) })
    await promise
    return engine.insert(rows)
  }
  const lines: string[] = []
  const log = createLog('info', { write: (line: string) => void lines.push(line) })
  const kept = archive({ engine: { ...engine, insert }, log, now: () => NOW_MS, groups })
  const close = async () => {
    await kept.close()
    await rm(folder, { recursive: true })
  }
  return { kept, inserts, lines, close }
}

const turn = () => new Promise(setImmediate)

describe('group commit', () => {
  it('lets messages that come during a transaction share the next one', async () => {
    const { kept, inserts, close } = await slowArchive()
    const [first, ...rest] = numbered(50)
    const one = kept.put(TOPIC, first!)
    await turn()
    const others = rest.map((each) => kept.put(TOPIC, each))
    await turn()
    expect(inserts.map(({ rows }) => rows.length)).toEqual([1])
    inserts[0]!.go()
    expect(await one).toBe('stored')
    await turn()
    expect(inserts.map(({ rows }) => rows.length)).toEqual([1, 49])
    inserts[1]!.go()
    expect(new Set(await Promise.all(others))).toEqual(new Set(['stored']))
    await close()
  })

  it('resolves nothing before its transaction is committed', async () => {
    const { kept, inserts, close } = await slowArchive()
    let done = false
    const put = kept.put(TOPIC, message()).then(() => (done = true))
    await turn()
    await turn()
    expect([done, (await kept.totals()).messages]).toEqual([false, 0])
    inserts[0]!.go()
    await put
    expect((await kept.totals()).messages).toBe(1)
    await close()
  })

  it('fails those of a failed transaction, all of them, and goes on with the next; says so once', async () => {
    const { kept, inserts, lines, close } = await slowArchive()
    const results = Promise.allSettled(numbered(3).map((each) => kept.put(TOPIC, each)))
    await turn()
    const later = kept.put(TOPIC, message())
    inserts[0]!.go(new Error('database or disk is full'))
    expect(await results).toMatchObject(
      [1, 2, 3].map(() => ({ status: 'rejected', reason: { code: 'UNAVAILABLE' } })),
    )
    await turn()
    inserts[1]!.go()
    expect(await later).toBe('stored')
    const again = kept.put(TOPIC, numbered(1)[0]!)
    await turn()
    inserts[2]!.go()
    expect(await again).toBe('stored')
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      'Failed to keep messages; refuses them until it works again',
      'Keeps messages again',
    ])
    await close()
  })

  it('writes what waits before it closes', async () => {
    const { kept, inserts, close } = await slowArchive()
    const put = kept.put(TOPIC, message())
    await turn()
    const closing = close()
    inserts[0]!.go()
    expect(await put).toBe('stored')
    await closing
  })
})

describe('when it must refuse', () => {
  it.each([
    { given: 'too many messages that wait', groups: { maxWaiting: 2 } },
    { given: 'too many bytes that wait', groups: { maxWaitingBytes: 70 } },
  ])('$given: OVERLOADED, at once, and those that wait are kept', async ({ groups }) => {
    const { kept, inserts, close } = await slowArchive(groups)
    const first = kept.put(TOPIC, numbered(10)[9]!)
    await turn()
    const results = Promise.allSettled(numbered(5).map((each) => kept.put(TOPIC, each)))
    await turn()
    inserts[0]!.go()
    await first
    await turn()
    inserts[1]!.go()
    expect(await results).toMatchObject([
      ...[1, 2].map(() => ({ status: 'fulfilled', value: 'stored' })),
      ...[3, 4, 5].map(() => ({ status: 'rejected', reason: { code: 'OVERLOADED' } })),
    ])
    await close()
  })
})
