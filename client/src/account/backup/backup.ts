import * as z from 'zod/mini'
import { fromUtf8, utf8, parseJson } from '../text.ts'
import { BackupError } from './errors.ts'
import { openBackup, sealBackup, type SealOptions } from './seal.ts'

/**
 * One kind of thing that is worth keeping, such as contacts. What must never be used twice has no place in a backup:
 * ratchet state, message ids, slots, nonces.
 */
export interface BackupSection {
  /** Lower case, digits and dashes. */
  readonly name: string
  /** Grows when the value's form changes. */
  readonly version: number
  /** The value, as JSON. */
  collect(): Promise<unknown>
  /**
   * Checks a value of this or an earlier version, and gives what takes it in. Taking in adds to what is there, and never
   * brings something back to an earlier state. May throw: then nothing at all is restored.
   */
  prepare(value: unknown, version: number): () => Promise<void>
}

export interface BackupOptions extends SealOptions {
  readonly sections: readonly BackupSection[]
}

export interface Restored {
  /** Unix seconds. */
  readonly madeAt: number
  readonly restored: readonly string[]
  /** Sections that this release knows nothing of; they were left alone. */
  readonly skipped: readonly string[]
}

const Content = z.object({
  madeAt: z.int().check(z.nonnegative()),
  sections: z.record(
    z.string().check(z.regex(/^[a-z][a-z0-9-]{0,31}$/)),
    z.object({ version: z.int().check(z.positive()), value: z.json() }),
  ),
})

/** One encrypted file of all sections. `now` in milliseconds since 1970. Throws BackupError TOO_LARGE. */
export async function writeBackup({ sections, ...seal }: BackupOptions, now = Date.now): Promise<Uint8Array> {
  const collected = await Promise.all(
    sections.map(async (section) => [
      section.name,
      { version: section.version, value: await section.collect() },
    ]),
  )
  const content = { madeAt: Math.floor(now() / 1000), sections: Object.fromEntries(collected) as object }
  return sealBackup(utf8(JSON.stringify(content)), seal)
}

/**
 * Opens a backup and takes in what it holds. Every section is checked before the first one is touched.
 * @throws BackupError, KeystoreError TOO_COSTLY.
 */
export async function restoreBackup(
  bytes: Uint8Array,
  { sections, ...seal }: Omit<BackupOptions, 'cost'>,
): Promise<Restored> {
  const content = readContent(await openBackup(bytes, seal))
  const skipped: string[] = []
  const prepared = Object.entries(content.sections).flatMap(([name, { version, value }]) => {
    const section = sections.find((candidate) => candidate.name === name)
    if (section) return [{ name, take: prepare(section, value, version) }]
    skipped.push(name)
    return []
  })
  for (const { take } of prepared) await take()
  return { madeAt: content.madeAt, restored: prepared.map(({ name }) => name), skipped }
}

/** What an opened backup holds. Throws BackupError BAD_SECTION. */
export function readContent(bytes: Uint8Array): z.output<typeof Content> {
  const parsed = Content.safeParse(parseJson(fromUtf8(bytes)))
  if (parsed.success) return parsed.data
  const section = String(parsed.error.issues[0]?.path[1] ?? 'all')
  throw badSection(/^[a-z0-9-]{1,32}$/.test(section) ? section : 'all')
}

function prepare(section: BackupSection, value: unknown, version: number): () => Promise<void> {
  const { name, version: newest } = section
  if (version > newest) {
    const message = `A newer release made the part "${name}" of this backup (version ${version}; this one reads ${newest}): restore with that`
    throw new BackupError(message, { code: 'NEWER_SECTION', section: name, version, newest })
  }
  try {
    return section.prepare(value, version)
  } catch (cause) {
    throw badSection(section.name, cause)
  }
}

function badSection(section: string, cause?: unknown): BackupError {
  const message = `The backup is damaged: ${section}`
  return new BackupError(message, { code: 'BAD_SECTION', section }, { cause })
}
