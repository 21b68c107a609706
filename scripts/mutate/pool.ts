import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { Answer, Order } from './worker.ts'

/** A worker took longer than it may; it has been ended. */
export class Hung extends Error {}

/** A worker ended by itself, as when the engine's native part crashes. */
export class Crashed extends Error {}

/** A process that runs the tests of one build; started again after a mutant that hung in it. */
export class Worker {
  readonly #build: string
  #child: ChildProcess | undefined

  constructor(build: string) {
    this.#build = build
  }

  async ask(order: Order, timeoutMs: number): Promise<Answer> {
    this.#child ??= await start(this.#build)
    const child = this.#child
    const timer = {
      hung: false,
      id: setTimeout(() => ((timer.hung = true), child.kill('SIGKILL')), timeoutMs),
    }
    try {
      return await new Promise<Answer>((done, failed) => {
        child.once('message', (message) => done(message as Answer))
        child.once('exit', (code, signal) =>
          failed(timer.hung ? new Hung() : new Crashed(`the test process ended: ${signal ?? code ?? '?'}`)),
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

  stop(): void {
    this.#child?.kill('SIGKILL')
    this.#child = undefined
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
