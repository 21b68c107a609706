import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { endGroup, isAlive, startedAt } from './process-group.ts'
import { StartError } from './start-error.ts'

const Child = z.object({ pid: z.int().positive(), startedAt: z.string() })
const LockFile = z.object({ pid: z.int().positive(), startedAt: z.string(), children: z.array(Child) })
type LockFile = z.infer<typeof LockFile>

/** One running `npm start` a checkout. The file also names the children, so that a run that was killed leaves none behind. */
export interface InstanceLock {
  /** Remembers a child process, to be ended by the next start if this one is killed. */
  adopt(pid: number): void
  release(): void
}

/**
 * Takes the lock, after ending the children of a former run that was killed.
 * @throws StartError `ALREADY_RUNNING` if another run holds it.
 */
export async function takeInstanceLock(path: string): Promise<InstanceLock> {
  mkdirSync(dirname(path), { recursive: true })
  const mine: LockFile = { pid: process.pid, startedAt: startedAt(process.pid), children: [] }
  for (;;) {
    try {
      writeFileSync(path, JSON.stringify(mine), { flag: 'wx' })
      break
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
      await clearStale(path)
    }
  }
  return {
    adopt(pid) {
      mine.children.push({ pid, startedAt: startedAt(pid) })
      writeFileSync(path, JSON.stringify(mine))
    },
    release() {
      rmSync(path, { force: true })
    },
  }
}

async function clearStale(path: string): Promise<void> {
  const former = readLock(path)
  if (former && isSame(former)) {
    const advice = 'Stop it with Ctrl-C first, or use it: npx teahouse --help'
    throw new StartError(`A Teahouse network already runs here (process ${former.pid}). ${advice}`, {
      code: 'ALREADY_RUNNING',
      pid: former.pid,
    })
  }
  for (const child of former?.children ?? []) if (isSame(child)) await endGroup(child.pid)
  rmSync(path, { force: true })
}

function readLock(path: string): LockFile | undefined {
  try {
    return LockFile.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return undefined // half-written by a run that was killed: there is nothing to learn from it
  }
}

/** A process id may have been given to somebody else since: the start time tells. */
function isSame(known: { pid: number; startedAt: string }): boolean {
  return isAlive(known.pid) && startedAt(known.pid) === known.startedAt
}
