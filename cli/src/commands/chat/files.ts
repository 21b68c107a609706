import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { formatAmount, type Chat, type SentFile } from '@teahouse/client'
import { CliError } from '../../errors.ts'
import { showDate } from '../../output.ts'
import { inBytes, progressBar } from '../../progress-bar.ts'
import type { CommonOptions, Session } from '../../session.ts'
import { writeWhole } from '../../whole-file.ts'
import { chatTexts, withChat } from './show.ts'

interface PayFlags {
  readonly pay?: boolean
  readonly max?: bigint
}

export interface SendFlags extends PayFlags {
  readonly file?: string
  readonly days?: number
}

export type SaveFlags = CommonOptions & PayFlags

/** Sends a file; the same command goes on with one that was cut off. */
export async function sendFile(
  session: Session,
  chat: Chat,
  who: string,
  { file, days, pay, max: maxPaid }: SendFlags & { readonly file: string },
): Promise<SentFile> {
  const { world } = session
  const path = resolve(world.cwd, file)
  const found = await stat(path).catch(() => undefined)
  if (!found?.isFile()) throw new CliError(`There is no file ${path}`, { code: 'NO_FILE', path })
  const resumeAs = createHash('sha256').update(`${path}\n${found.size}\n${found.mtimeMs}`).digest('hex')
  const source = createReadStream(path, { highWaterMark: 1024 * 1024 })
  const bar = progressBar(session, inBytes, found.size)
  const onProgress = bar.show
  const { signal } = world
  return bar.end(
    chat.sendFile(
      who,
      { name: basename(path), mediaType: typeOf(path), source, resumeAs },
      {
        ...{ days, pay, maxPaid, onProgress, signal },
      },
    ),
  )
}

/** Fetches the file of a message. */
export async function save(
  session: Session,
  [given, to]: readonly unknown[],
  flags: SaveFlags,
): Promise<void> {
  const { world, output } = session
  const texts = chatTexts(session).save
  await withChat(session, { started: false }, async (chat) => {
    const { file, message } = await chat.files.find(given as string)
    const path = await target(world.cwd, to as string | undefined, file.name)
    const failed = new Set<string>()
    const bar = progressBar(session, inBytes, file.size)
    const parts = chat.files.read(message.id, {
      ...{ pay: flags.pay, maxPaid: flags.max, signal: world.signal, onProgress: bar.show },
      onFault: ({ peerId }) => void failed.add(peerId),
    })
    await bar.end(writeWhole(path, parts))
    output.result({ file: path, size: file.size, failed: [...failed] }, [texts.done(path, file.size)])
  })
}

/** Where to write: in a folder, under the name that the sender gave. */
async function target(cwd: string, given: string | undefined, name: string): Promise<string> {
  const path = resolve(cwd, given ?? name)
  const found = given === undefined ? undefined : await stat(path).catch(() => undefined)
  return found?.isDirectory() ? join(path, name) : path
}

/** How a file that was sent is told. */
export function shownSent(session: Session, name: string, { file, stored }: SentFile): string {
  const end = showDate(file.until)
  return chatTexts(session).with.fileSent(file.name, name, end, formatAmount(stored.paid))
}

const TYPES: Readonly<Record<string, string>> = {
  ...{ jpg: 'image/jpeg', jpeg: 'image/jpeg', png: 'image/png', gif: 'image/gif', webp: 'image/webp' },
  ...{
    svg: 'image/svg+xml',
    heic: 'image/heic',
    pdf: 'application/pdf',
    txt: 'text/plain',
    md: 'text/markdown',
  },
  ...{ mp3: 'audio/mpeg', ogg: 'audio/ogg', opus: 'audio/ogg', wav: 'audio/wav', mp4: 'video/mp4' },
  ...{ webm: 'video/webm', zip: 'application/zip', json: 'application/json', csv: 'text/csv' },
}

/** By its extension, for the device of the other side; undefined if it says nothing. */
function typeOf(path: string): string | undefined {
  const extension = /\.([a-z0-9]{1,8})$/i.exec(path)?.[1]?.toLowerCase()
  return extension === undefined || !Object.hasOwn(TYPES, extension) ? undefined : TYPES[extension]
}
