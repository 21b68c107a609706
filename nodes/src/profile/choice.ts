import { readFile } from 'node:fs/promises'
import type { Logger } from 'pino'
import { z } from 'zod'
import { writeSecretFile } from '../files.ts'
import { PROFILES, type Profile } from './profiles.ts'

const ChoiceJson = z.strictObject({ profile: z.enum(PROFILES), configured: z.enum(PROFILES) })

/** Which profile holds: the last word counts, whether the configuration or the operator over HTTP had it. */
export interface Choice {
  readonly current: Profile
  /** What holds if the configuration, read again, says this: what it says if that is news. */
  wanted(configured: Profile): Profile
  /** Keeps a choice, made at run time or by a configuration that was read again; on disk when it resolves. */
  choose(profile: Profile, configured?: Profile): Promise<void>
}

/**
 * Opens the choice in a JSON file, which need not be there. It holds beside the profile what the configuration said when it was
 * made: once that changes, the configuration counts again. A file that can't be read counts as none.
 */
export async function openChoice(path: string, configured: Profile, log: Logger): Promise<Choice> {
  const kept = await read(path, log)
  let said = configured
  let current = kept?.configured === configured ? kept.profile : configured
  if (current !== configured)
    log.info({ profile: current, configured }, 'Goes on with the profile that was chosen at run time')

  return {
    get current() {
      return current
    },
    wanted: (next) => (next === said ? current : next),
    async choose(profile, next = said) {
      await writeSecretFile(path, `${JSON.stringify({ profile, configured: next })}\n`)
      current = profile
      said = next
    },
  }
}

async function read(path: string, log: Logger): Promise<z.output<typeof ChoiceJson> | undefined> {
  try {
    return ChoiceJson.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== 'ENOENT')
      log.warn({ err, path }, 'Could not read which profile was chosen; the configuration counts')
    return undefined
  }
}
