import { type ChildProcess, fork } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Artifact, ROOT } from './compile.ts'
import { type Answer, GAVE_UP, type Order } from './order.ts'

/** A worker took longer than it may; it has been ended. */
export class Hung extends Error {}

/** A worker ended by itself, as when the engine's native part crashes. */
export class Crashed extends Error {}

/** The engine crashes now and then whatever it runs; what crashes it this often in a row is the reason. */
const CRASHES = 3
/** How often the processor time that it may take a worker may wait, on a machine that does other things. */
const TIMES_THE_WORK = 20

/** A process that runs the tests of one build; started again after a mutant that hung in it. */
export class Worker {
  readonly #build: string
  #child: ChildProcess | undefined
  #stopped = false

  constructor(build: string) {
    this.#build = build
  }

  async #ask(order: Order): Promise<Answer> {
    this.#child ??= await start(this.#build)
    const child = this.#child
    const timer = {
      hung: false,
      id: setTimeout(() => ((timer.hung = true), child.kill('SIGKILL')), TIMES_THE_WORK * order.mostMs),
    }
    try {
      return await new Promise<Answer>((done, failed) => {
        child.once('message', (message) => done(message as Answer))
        child.once('exit', (code, signal) =>
          failed(
            timer.hung || code === GAVE_UP
              ? new Hung()
              : new Crashed(`the test process ended: ${signal ?? code ?? '?'}`),
          ),
        )
        child.send(order)
      })
    } catch (error) {
      this.#child = undefined
      throw error
    } finally {
      clearTimeout(timer.id)
      child.removeAllListeners()
    }
  }

  /** Asks, and again if the engine crashes. Throws Hung, and Crashed if it always does. */
  async ask(order: Order): Promise<Answer> {
    for (let crashes = 1; ; crashes++) {
      try {
        return await this.#ask(order)
      } catch (error) {
        if (!(error instanceof Crashed) || this.#stopped || crashes === CRASHES) throw error
      }
    }
  }

  stop(): void {
    this.#stopped = true
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }
}

/** Runs `work` in each of so many workers on one build; they are stopped at the end, and as soon as `signal` says so. */
export async function withWorkers(
  artifacts: readonly Artifact[],
  count: number,
  signal: AbortSignal,
  work: (worker: Worker) => Promise<void>,
): Promise<void> {
  const folder = join(ROOT, 'cache/mutate')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `build-${process.pid}.json`)
  writeFileSync(path, JSON.stringify(artifacts))
  const workers = Array.from({ length: count }, () => new Worker(path))
  const stop = (): void => workers.forEach((worker) => worker.stop())
  signal.addEventListener('abort', stop, { once: true })
  try {
    await Promise.all(workers.map(work))
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    signal.removeEventListener('abort', stop)
    stop()
    rmSync(path, { force: true })
  }
}

async function start(build: string): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'worker.ts'), [build], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  await new Promise<void>((done, failed) => {
    child.once('message', () => done())
    child.once('exit', (code) => failed(new Error(`the test process did not start (${code ?? '?'})`)))
  })
  child.removeAllListeners()
  return child
}
