import { join } from 'node:path'
import type { Logger } from 'pino'
import { inBackground } from './background.ts'
import type { NodeConfig } from './config.ts'
import {
  denyLists,
  forgetDesk,
  FORGOTTEN_MIGRATIONS,
  forgottenBook,
  forgettingArchive,
  type ForgetDesk,
} from './forget/index.ts'
import { openDatabase } from './storage/index.ts'
import type { Stopper } from './stopper.ts'
import type { Archive, SwitchedEngine } from './store/index.ts'

/** Milliseconds between two looks at deny lists, and at what is left to be removed. */
const LOOK_MS = 60_000

export interface ForgettingParts {
  readonly config: Pick<NodeConfig, 'dataDir' | 'store'>
  readonly archive: Archive
  readonly engine: SwitchedEngine
  readonly stops: Stopper
  readonly now: () => number
  readonly log: Logger
}

/** The archive without what the operator forgets, and who forgets it. Throws StorageError, ForgetError BAD_DENY_LIST. */
export async function openForgetting({
  config,
  archive,
  engine,
  stops,
  now,
  log,
}: ForgettingParts): Promise<{ archive: Archive; forget: ForgetDesk }> {
  // Shared: `teahouse store import` keeps to it while the node runs.
  const db = openDatabase(join(config.dataDir, 'forgotten.sqlite'), FORGOTTEN_MIGRATIONS, { shared: true })
  stops.add('what is forgotten', () => db.close())
  const lists = denyLists(config.store.denyLists, log)
  await lists.open()
  const book = forgottenBook(db)
  const forget = forgetDesk({
    ...{ book, lists, archive, engine, now, log },
    isKept: () => engine.isAttached,
    isShared: config.store.database.engine === 'postgres',
  })
  const abort = new AbortController()
  const work = inBackground(async () => {
    try {
      await lists.refresh()
      await forget.work(abort.signal)
    } catch (err) {
      if (!abort.signal.aborted) log.error({ err }, 'Could not forget what a deny list names; trying again')
    }
  })
  const timer = setInterval(() => work.run(undefined), LOOK_MS).unref()
  // Soon after the start, by when the profile has attached its archive.
  const first = setTimeout(() => work.run(undefined), 1_000).unref()
  stops.add('forgetting', async () => {
    abort.abort()
    clearInterval(timer)
    clearTimeout(first)
    await work.idle()
  })
  const { isNone, isForgotten } = forget
  return { archive: forgettingArchive(archive, { isNone, isForgotten, keys: book.keys }), forget }
}
