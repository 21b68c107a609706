import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { utf8 } from '../account/text.ts'
import type { Files } from '../files/files.ts'
import type { GetOptions, PutOptions, StoredFile } from '../files/options.ts'
import type { FileSource } from '../files/pieces.ts'
import type { SealedStore } from '../storage/sealed-store.ts'
import type { Contacts } from './contacts.ts'
import { newContentId, type ContentId, type FileBody } from './content.ts'
import type { Conversations } from './conversations.ts'
import { isExpired } from './drafting.ts'
import { ChatError } from './errors.ts'
import { fileName, mediaType, UNKNOWN_TYPE } from './file-name.ts'
import { RETENTION_MS } from './outgoing.ts'
import { parse, serialize, type ChatMessage, type SentChat } from './record.ts'

/** A file to send. */
export interface OutgoingFile {
  /** As the other side shall see it; what is no part of a name is taken out. */
  readonly name: string
  /** As of RFC 6838. */
  readonly mediaType?: string | undefined
  readonly source: FileSource
  /**
   * Under which name sending can be gone on with after it was cut off, with the same bytes. Bytes in an array have one by themselves; of a stream
   * without one nothing is remembered.
   */
  readonly resumeAs?: string | undefined
}

export interface SendFileOptions extends Omit<PutOptions, 'name' | 'days'> {
  /** 30 by default: as long as a message waits for whoever is offline. */
  readonly days?: number | undefined
}

/** How a file that was sent stands: its message, and what storing it took. */
export interface SentFile extends SentChat {
  readonly file: FileBody
  readonly stored: Omit<StoredFile, 'reference'>
}

/** A file that came or was sent. */
export interface Attachment {
  /** The other side. */
  readonly account: string
  readonly message: ChatMessage
  readonly file: FileBody
}

export interface AttachmentsDeps {
  readonly store: SealedStore
  readonly files: Pick<Files, 'put' | 'get'>
  readonly conversations: Conversations
  readonly contacts: Contacts
  /** Sends a body to an account; one that has this id already is not sent twice. */
  readonly say: (account: string, body: FileBody, id: ContentId) => Promise<SentChat>
  /** Throws ChatError unless something can be sent to a contact. Returns its account. */
  readonly mayWrite: (contact: string) => string
  readonly now: () => number
}

const SENDING = 'sending/'
const DEFAULT_DAYS = 30

/** The message that a file which is being sent will have; on disk before the first byte leaves. */
interface Sending {
  readonly id: ContentId
  /** Milliseconds since 1970. */
  readonly at: number
}

/** Files in conversations: their bytes lie at nodes, sealed; the message takes the reference along. */
export function attachments(deps: AttachmentsDeps) {
  const { store, files, conversations, contacts, now } = deps

  async function begin(entry: string): Promise<ContentId> {
    for (const name of await store.keys(SENDING)) {
      const old = await store.get(name)
      if (old && parse<Sending>(old.value).at < now() - RETENTION_MS) await store.delete(name)
    }
    const fresh: Sending = { id: newContentId(), at: now() }
    return parse<Sending>(await store.update(entry, (old) => old?.value ?? serialize(fresh))).id
  }

  /**
   * Stores a file and tells a contact where it is. Cut off and called again it goes on: nothing is stored, paid or told twice. Called again
   * once it was done, it sends the file a second time, which is stored once.
   * @throws ChatError as `send`, before anything is stored; FileError, PayError, NetError, StorageError.
   */
  async function send(contact: string, given: OutgoingFile, options: SendFileOptions): Promise<SentFile> {
    const account = deps.mayWrite(contact)
    const { source, resumeAs } = given
    const { days = DEFAULT_DAYS, ...rest } = options
    const bytes = source instanceof Uint8Array ? bytesToHex(sha256(source)) : undefined
    const named = resumeAs ?? bytes
    // One contact can't tell from the chunks that another has got the same.
    const name = named === undefined ? undefined : JSON.stringify([account, named])
    const entry = name === undefined ? undefined : SENDING + bytesToHex(sha256(utf8(name)))
    const id = entry === undefined ? newContentId() : await begin(entry)
    const { reference, ...stored } = await files.put(source, { ...rest, days, name })
    const body = {
      kind: 'file',
      ...{ name: fileName(given.name), mediaType: mediaType(given.mediaType ?? UNKNOWN_TYPE) },
      ...{ size: stored.size, reference, until: stored.until },
    } as const
    const sent = await deps.say(account, body, id)
    if (entry !== undefined) await store.delete(entry)
    return { ...sent, file: body, stored }
  }

  /**
   * The file of a message, by the message's id or its beginning. Asks nothing of the network.
   * @throws ChatError UNKNOWN_MESSAGE, AMBIGUOUS_MESSAGE, NOT_A_FILE, IS_REQUEST.
   */
  async function find(idOrBeginning: string): Promise<Attachment> {
    const wanted = idOrBeginning.trim().toLowerCase()
    const found: { account: string; message: ChatMessage; isRequest: boolean }[] = []
    for (const conversation of await conversations.list()) {
      const { account, kind } = conversation
      const isRequest = kind === 'request' && !contacts.get(account)
      for (const message of wanted === '' ? [] : await conversations.messages(conversation)) {
        if (message.id.startsWith(wanted) && !isExpired(now())(message))
          found.push({ account, message, isRequest })
      }
    }
    const [first] = found
    if (!first) throw new ChatError('There is no such message', { code: 'UNKNOWN_MESSAGE' })
    if (found.length > 1) {
      const detail = { code: 'AMBIGUOUS_MESSAGE', matches: found.length } as const
      throw new ChatError(`The ids of ${found.length} messages begin so`, detail)
    }
    const { account, message, isRequest } = first
    if (message.body.kind !== 'file') throw new ChatError('This message is no file', { code: 'NOT_A_FILE' })
    if (isRequest)
      throw new ChatError('A stranger sent this file; accept the request first', {
        code: 'IS_REQUEST',
        account,
      })
    return { account, message, file: message.body }
  }

  return {
    send,
    find,
    /**
     * The bytes of a file that came or was sent, in order, each part checked.
     * @throws what `find` and `files.get` throw.
     */
    async *read(idOrBeginning: string, options: GetOptions = {}): AsyncGenerator<Uint8Array> {
      const { file } = await find(idOrBeginning)
      yield* files.get(file.reference, options)
    },
  }
}
