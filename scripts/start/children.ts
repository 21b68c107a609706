import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { NODE_FLAGS } from '../bootstrap.mjs'
import type { InstanceLock } from './instance-lock.ts'
import { ROOT } from './paths.ts'
import { endGroup } from './process-group.ts'
import { StartError } from './start-error.ts'

export interface ChildOptions {
  readonly name: string
  readonly args: readonly string[]
  readonly logFile: string
  /** Whether it is started again when it ends by itself. A chain that ended is gone; a node comes back. */
  readonly restarts: boolean
}

/** A process of the local network, with a log of its own. */
export interface Child {
  readonly name: string
  readonly logFile: string
  /** Waits until `probe` gives a value. @throws StartError `PROCESS_ENDED`, `NOT_READY`. */
  ready<T>(probe: () => Promise<T | undefined>, timeoutMs: number): Promise<T>
  /** Ends it, does something with its files, and starts it again. */
  restart(whileDown: () => void): Promise<void>
  end(): Promise<void>
}

/** What became of a process that nobody asked to end. */
export type Ending = { readonly name: string; readonly how: string; readonly startedAgain: boolean }

/** Waits between restarts grow from the first to the last of these, and start over after a minute of running. */
const BACK_OFF_MS = [0, 500, 1_000, 2_000, 5_000]
const STEADY_MS = 60_000

/** Starts processes, each in a group of its own (Ctrl-C reaches us first), and ends them last in, first out. */
export function children(lock: InstanceLock, onEnding: (ending: Ending) => void) {
  const running: Child[] = []

  function start(options: ChildOptions): Child {
    const child = supervise(options, lock, onEnding)
    running.push(child)
    return child
  }

  async function endAll(): Promise<void> {
    for (let child = running.pop(); child; child = running.pop()) await child.end()
  }

  return { start, endAll }
}

export type Children = ReturnType<typeof children>

function supervise(options: ChildOptions, lock: InstanceLock, onEnding: (ending: Ending) => void): Child {
  const { name, logFile } = options
  let wantedDown = false
  let down = false
  let failures = 0
  let current = launch()

  function launch(): ChildProcess {
    const startedAt = Date.now()
    const child = spawnLogged(options)
    if (child.pid !== undefined) lock.adopt(child.pid)
    const ended = (how: string) => void afterEnd(how, Date.now() - startedAt)
    child.once('exit', (code, signal) => ended(`exit code ${code ?? signal}`))
    child.once('error', (error) => ended(error.message))
    return child
  }

  async function afterEnd(how: string, ranMs: number): Promise<void> {
    down = true
    if (wantedDown) return
    failures = ranMs > STEADY_MS ? 0 : failures + 1
    const startedAgain = options.restarts && failures <= BACK_OFF_MS.length
    onEnding({ name, how, startedAgain })
    if (!startedAgain) return
    await sleep(BACK_OFF_MS[failures - 1] ?? 0)
    if (wantedDown) return
    down = false
    current = launch()
  }

  const isGone = () => down && !(options.restarts && failures <= BACK_OFF_MS.length)

  async function ready<T>(probe: () => Promise<T | undefined>, timeoutMs: number): Promise<T> {
    const deadline = Date.now() + timeoutMs
    while (Date.now() < deadline) {
      if (isGone()) {
        const message = `${name} ended before it was ready. Its log: ${logFile}`
        throw new StartError(message, { code: 'PROCESS_ENDED', name })
      }
      const value = await probe().catch(() => undefined)
      if (value !== undefined) return value
      await sleep(100)
    }
    const message = `${name} was not ready after ${timeoutMs / 1000} s. Its log: ${logFile}`
    throw new StartError(message, { code: 'NOT_READY', name, waitedMs: timeoutMs })
  }

  async function restart(whileDown: () => void): Promise<void> {
    const gone = down ? undefined : once(current, 'exit')
    await end()
    await gone
    whileDown()
    wantedDown = false
    down = false
    current = launch()
  }

  async function end(): Promise<void> {
    wantedDown = true
    if (!down && current.pid !== undefined) await endGroup(current.pid)
  }

  return { name, logFile, ready, restart, end }
}

function spawnLogged({ args, logFile }: ChildOptions): ChildProcess {
  mkdirSync(dirname(logFile), { recursive: true })
  const log = openSync(logFile, 'a')
  try {
    return spawn(process.execPath, [...NODE_FLAGS, ...args], {
      cwd: ROOT,
      stdio: ['ignore', log, log],
      detached: true,
    })
  } finally {
    closeSync(log)
  }
}
