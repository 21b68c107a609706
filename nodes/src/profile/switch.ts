import { TeahouseError } from '@teahouse/protocol/errors'
import type { Logger } from 'pino'
import type { Service } from '../net/index.ts'
import type { Choice } from './choice.ts'
import { partsOf, type Part, type Profile } from './profiles.ts'

/** A switch was not made: a part did not start (the node goes on as it was), or the node stops. */
export class SwitchError extends TeahouseError<
  | { readonly code: 'PART_FAILED'; readonly part: Part; readonly profile: Profile }
  | { readonly code: 'STOPPING' }
> {}

export interface ProfileSwitchDeps {
  /** What is started and stopped; each may be started again after it was stopped. */
  readonly parts: () => Readonly<Record<Part, Service>>
  readonly choice: Choice
  /** Called with the profile that holds, before its parts start; and after a switch that failed, with the one before. */
  readonly applied: (profile: Profile) => void
  readonly log: Logger
}

/** Runs the parts of a profile, and changes it while the node runs: one change after the other. */
export interface ProfileSwitch {
  readonly current: Profile
  /** Starts the parts of the profile that was chosen last. Throws what a part throws. */
  start(): Promise<void>
  /**
   * Starts what the profile has more, then stops what it has less, so that messages always have a way; what was acknowledged stays kept.
   * Made and on disk when it resolves. Throws SwitchError.
   */
  switchTo(profile: Profile): Promise<void>
  /** The configuration was read again. Throws SwitchError. */
  reread(configured: Profile): Promise<void>
  stop(): Promise<void>
}

export function profileSwitch({ parts, choice, applied, log }: ProfileSwitchDeps): ProfileSwitch {
  let running: readonly Part[] = []
  let last: Promise<unknown> = Promise.resolve()
  let isStopping = false

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = last.then(() => {
      if (isStopping) throw new SwitchError('The node is stopping', { code: 'STOPPING' })
      return work()
    })
    last = result.catch(() => undefined)
    return result
  }

  async function stopParts(names: readonly Part[]): Promise<void> {
    for (const name of names.toReversed()) {
      try {
        await parts()[name].stop()
      } catch (err) {
        log.error({ err, part: name }, 'Failed to stop a part of the node')
      }
      running = running.filter((one) => one !== name)
    }
  }

  /** All of them or none. */
  async function startParts(names: readonly Part[], profile: Profile): Promise<void> {
    const started: Part[] = []
    for (const name of names) {
      try {
        await parts()[name].start()
        started.push(name)
      } catch (cause) {
        await stopParts(started)
        const detail = { code: 'PART_FAILED', part: name, profile } as const
        throw new SwitchError(`The node could not start its part "${name}" and goes on as before`, detail, {
          cause,
        })
      }
    }
    running = [...running, ...started]
  }

  async function change(profile: Profile, configured?: Profile): Promise<void> {
    const before = choice.current
    const wanted = partsOf(profile)
    const added = wanted.filter((name) => !running.includes(name))
    applied(profile)
    try {
      await startParts(added, profile)
      await choice.choose(profile, configured).catch(async (err: unknown) => {
        await stopParts(added)
        throw err
      })
    } catch (err) {
      applied(before)
      log.error({ err, profile, before }, 'Failed to change the profile')
      throw err
    }
    await stopParts(running.filter((name) => !wanted.includes(name)))
    if (profile !== before) log.info({ profile, before }, 'Changed the profile')
  }

  return {
    get current() {
      return choice.current
    },
    start: () =>
      inTurn(async () => {
        applied(choice.current)
        for (const name of partsOf(choice.current)) {
          running = [...running, name]
          await parts()[name].start()
        }
      }),
    switchTo: (profile) => inTurn(() => change(profile)),
    reread: (configured) =>
      inTurn(async () => {
        await change(choice.wanted(configured), configured)
      }),
    async stop() {
      isStopping = true
      await last
      await stopParts(running)
    },
  }
}
