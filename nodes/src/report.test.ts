import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { SILENT } from './net/test-hosts.ts'
import { archiveInfo } from './report.ts'
import { archive, openEngine, switchedEngine } from './store/index.ts'

it('what the node says of its archive is none without one, and away while its database gives no answer', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'teahouse-report-'))
  const engine = switchedEngine()
  const kept = archive({ engine, log: SILENT })
  expect(await archiveInfo({ archive: kept, engine })).toEqual({ state: 'none' })
  const database = await openEngine({ engine: 'sqlite' }, { dataDir, log: SILENT })
  await engine.attach(async () => database)
  expect(await archiveInfo({ archive: kept, engine })).toEqual({ state: 'ok', messages: 0 })
  await database.close()
  expect(await archiveInfo({ archive: kept, engine })).toEqual({ state: 'away' })
  await kept.close()
  await rm(dataDir, { recursive: true })
})
