/** An export or import as a process, for tests that kill it: says "begun" at its first step. */
import { createLog } from '../../log.ts'
import { openArchive } from '../open-archive.ts'
import { exportArchive, importArchive } from '../transfer/transfer.ts'

const [what, dataDir = '', file = ''] = process.argv.slice(2)
const archive = await openArchive({ engine: 'sqlite' }, { dataDir, log: createLog('silent') })
let begun = false
const onProgress = () => {
  if (!begun) process.stdout.write('begun\n')
  begun = true
}
await (what === 'export' ? exportArchive : importArchive)(archive, file, onProgress)
await archive.close()
