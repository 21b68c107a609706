// A process that records and signs the root of an hour, and is killed at the point that it is told. Prints the signed root when it has one.
import { testArchive } from '../../store/testing/archives.ts'
import type { RootBook } from '../book.ts'
import { rootDesk } from '../desk.ts'
import { sealHour } from '../seal-hour.ts'
import { account, HOUR, openBookIn, SHARD, sealDeps, SPEAKER, WHERE } from './roots.ts'

const [folder = '', point = ''] = process.argv.slice(2)

function dieAt(here: string): void {
  if (point === here) process.kill(process.pid, 'SIGKILL')
}

function mortal(book: RootBook): RootBook {
  return {
    ...book,
    async addParts(...args) {
      await book.addParts(...args)
      dieAt('computing')
    },
    async record(record) {
      dieAt('recording')
      const kept = await book.record(record)
      dieAt('recorded')
      return kept
    },
  }
}

const archive = await testArchive(undefined, folder)
const { book } = openBookIn(folder)
await book.open(HOUR)
const { root } = await sealHour(WHERE, sealDeps(archive, mortal(book), folder))
const answer = await rootDesk({ book, speaker: SPEAKER, account }).answer(SHARD, HOUR)
console.log('said', root, answer.root.signature)
dieAt('serving')
await archive.close()
