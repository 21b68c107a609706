import { afterAll } from 'vitest'
import type { Archive } from '../../store/index.ts'
import { END, testArchive, type TestArchive } from '../../store/testing/archives.ts'

/** Opening an archive starts two threads, which takes longer than most tests; those of a file borrow it one after the other. */
const idle: TestArchive[] = []
afterAll(() => Promise.all(idle.splice(0).map((archive) => archive.destroy())))

/** An empty archive in SQLite that nobody else has until it is given back; what was put into it is removed then. */
export async function borrowArchive(): Promise<{ messages: Archive; giveBack: () => Promise<void> }> {
  const messages = idle.pop() ?? (await testArchive(Date.now))
  return {
    messages,
    async giveBack() {
      while ((await messages.prune({ before: END }, 10_000)).more);
      idle.push(messages)
    },
  }
}
