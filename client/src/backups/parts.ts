import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, hexToBytes, randomBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { BackupError } from '../account/backup/errors.ts'
import { pad, SIZE_CLASSES, sizeClass, unpad } from '../chat/padding.ts'

/** A backup in the form of `writeBackup`. */
export interface DeviceBackup {
  /** Of the device that made it: 8 bytes in hex, random. */
  readonly device: string
  /** Milliseconds since 1970. */
  readonly madeAt: number
  readonly bytes: Uint8Array
}

/** A message that may be a part of a backup. */
interface MaybePart {
  readonly contentTopic: string
  readonly payload: Uint8Array
}

interface Part extends DeviceBackup {
  readonly id: string
  readonly index: number
  readonly count: number
}

const INFO = utf8ToBytes('teahouse/backup/parts/1')
const VERSION = 1
const NONCE_BYTES = 24
const TAG_BYTES = 16
const ID_BYTES = 8
/** Where the parts of a header begin after its version: device, id, time, number of the part, number of parts. */
const AT = { device: 1, id: 1 + ID_BYTES, time: 1 + 2 * ID_BYTES, index: 9 + 2 * ID_BYTES } as const
const HEADER_BYTES = AT.index + 2
const OVERHEAD = NONCE_BYTES + TAG_BYTES
const MOST_BYTES = SIZE_CLASSES.at(-1)! - OVERHEAD - HEADER_BYTES - 1
/** Each costs a message of an epoch. */
const MOST_PARTS = 16

const keyOf = (backupKey: Uint8Array): Uint8Array => hkdf(sha256, backupKey, undefined, INFO, 32)

/**
 * A backup as payloads of messages on one topic: nonce, then XChaCha20-Poly1305 of version (1 byte), device (8), id (8), milliseconds since 1970 (8, big-endian),
 * number of the part, number of parts and bytes, padded to a size class. Bound to the topic, so that nobody can bring an old one back under a later topic.
 * @throws BackupError TOO_LARGE.
 */
export function sealParts(
  { bytes, madeAt, device }: DeviceBackup,
  backupKey: Uint8Array,
  contentTopic: string,
): Uint8Array[] {
  const count = Math.max(1, Math.ceil(bytes.length / MOST_BYTES))
  if (count > MOST_PARTS) {
    const detail = { code: 'TOO_LARGE', bytes: bytes.length, most: MOST_PARTS * MOST_BYTES } as const
    throw new BackupError(`As messages a backup holds at most ${detail.most} bytes: keep a file`, detail)
  }
  const [key, id, topic] = [keyOf(backupKey), randomBytes(ID_BYTES), utf8ToBytes(contentTopic)]
  return Array.from({ length: count }, (_, index) => {
    const header = new Uint8Array(HEADER_BYTES)
    header[0] = VERSION
    header.set(hexToBytes(device), AT.device)
    header.set(id, AT.id)
    new DataView(header.buffer).setBigUint64(AT.time, BigInt(madeAt))
    header.set([index, count], AT.index)
    const content = concatBytes(header, bytes.subarray(index * MOST_BYTES, (index + 1) * MOST_BYTES))
    const nonce = randomBytes(NONCE_BYTES)
    const plain = pad(content, sizeClass(content.length, OVERHEAD) - OVERHEAD)
    return concatBytes(nonce, xchacha20poly1305(key, nonce, topic).encrypt(plain))
  })
}

/**
 * Of each device the newest backup of which every part is among these messages; the newest first. What is of others is passed over: anybody may write to
 * a bucket.
 */
export function wholeBackups(messages: readonly MaybePart[], backupKey: Uint8Array): DeviceBackup[] {
  const key = keyOf(backupKey)
  const found = new Map<string, Map<number, Part>>()
  const newest = new Map<string, DeviceBackup>()
  for (const message of messages) {
    const part = openPart(message, key)
    if (!part) continue
    const { id, index, count, madeAt, device } = part
    const parts = found.get(id) ?? new Map<number, Part>()
    found.set(id, parts.set(index, part))
    if (parts.size < count || madeAt < (newest.get(device)?.madeAt ?? 0)) continue
    const inOrder = [...parts.values()].sort((a, b) => a.index - b.index)
    newest.set(device, { device, madeAt, bytes: concatBytes(...inOrder.map(({ bytes }) => bytes)) })
  }
  return [...newest.values()].sort((a, b) => b.madeAt - a.madeAt)
}

function openPart({ contentTopic, payload }: MaybePart, key: Uint8Array): Part | undefined {
  if (!SIZE_CLASSES.some((size) => size === payload.length)) return undefined
  try {
    const cipher = xchacha20poly1305(key, payload.subarray(0, NONCE_BYTES), utf8ToBytes(contentTopic))
    const content = unpad(cipher.decrypt(payload.subarray(NONCE_BYTES)))
    const [index = 0, count = 0] = content.subarray(AT.index)
    if (content[0] !== VERSION || content.length < HEADER_BYTES || index >= count) return undefined
    const madeAt = Number(new DataView(content.buffer, content.byteOffset).getBigUint64(AT.time))
    const [device, id] = [AT.device, AT.id].map((at) => bytesToHex(content.subarray(at, at + ID_BYTES)))
    return { device: device!, id: id!, madeAt, index, count, bytes: content.subarray(HEADER_BYTES) }
  } catch {
    return undefined
  }
}
