import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { birthOf, endGroup, isAlive } from './process-group.ts'
import { StartError } from './start-error.ts'

/** A process, and what tells it from a later one with the same id. */
const Known = z.object({ pid: z.int().positive(), birth: z.string().optional() })
const LockFile = Known.extend({ children: z.array(Known) })
type LockFile = z.infer<typeof LockFile>

/**
 * One running `npm start` a folder. The file also names the children, so that a run that was killed leaves none behind.
 * It is written beside its place and moved there: nobody ever reads half of it.
 */
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
  const draft = `${path}.${process.pid}`
  const mine: LockFile = { ...known(process.pid), children: [] }
  writeFileSync(draft, JSON.stringify(mine))
  try {
    while (!linkIfFree(draft, path)) await clearStale(path)
  } finally {
    rmSync(draft, { force: true })
  }
  return {
    adopt(pid) {
      mine.children.push(known(pid))
      writeFileSync(draft, JSON.stringify(mine))
      renameSync(draft, path)
    },
    release() {
      rmSync(path, { force: true })
    },
  }
}

function linkIfFree(draft: string, path: string): boolean {
  try {
    linkSync(draft, path)
    return true
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw cause
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
    return undefined // gone in the meantime, or damaged: there is nothing to learn from it
  }
}

function known(pid: number): z.infer<typeof Known> {
  const birth = birthOf(pid)
  return birth === undefined ? { pid } : { pid, birth }
}

/** Where births can't be asked for, a living process with the id counts as the same. */
function isSame({ pid, birth }: z.infer<typeof Known>): boolean {
  return isAlive(pid) && birthOf(pid) === birth
}
