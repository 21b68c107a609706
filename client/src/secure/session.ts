import { wipe, type Reader, type Writer } from './bytes.ts'
import { HEADER_KEY_BYTES } from './header.ts'
import { readIntroduction, writeIntroduction, type Introduction } from './introduction.ts'
import type { Chain, Ratchet } from './ratchet.ts'
import type { SkippedChain } from './skipped.ts'

/** What the side that began repeats until something comes back. */
export interface Pending {
  readonly introduction: Introduction
  /** The signed prekey that introductions are sealed for. */
  readonly prekey: Uint8Array
}

/** One agreement with one device, and the ratchet that grew from it. */
export interface Session {
  /** 32 bytes; both sides have the same. */
  readonly id: Uint8Array
  /** By the clock of who began, in milliseconds since 1970, and later than the sessions that it knew. */
  readonly startedAt: number
  /** When it was last used here, in milliseconds since 1970. */
  readonly usedAt: number
  /** [EK_A] of who began: it tells a beginning that comes again. */
  readonly ephemeral: Uint8Array
  /** Whether we began it. */
  readonly ours: boolean
  /** Until something comes back on a session that we began. */
  readonly pending: Pending | undefined
  readonly ratchet: Ratchet
}

const SENDING = 1
const RECEIVING = 2
const OURS = 4
const PENDING = 8

export function writeSession(to: Writer, session: Session): void {
  const { ratchet, pending } = session
  const { sending, receiving } = ratchet
  const flags =
    (sending ? SENDING : 0) |
    (receiving ? RECEIVING : 0) |
    (session.ours ? OURS : 0) |
    (pending ? PENDING : 0)
  to.u8(flags)
  to.bytes(session.id)
  to.u48(session.startedAt)
  to.u48(session.usedAt)
  to.bytes(session.ephemeral)
  if (pending) {
    to.bytes(pending.prekey)
    writeIntroduction(to, pending.introduction)
  }
  to.bytes(ratchet.root)
  to.bytes(ratchet.own.secret)
  to.bytes(ratchet.own.public)
  to.bytes(ratchet.nextSending)
  to.bytes(ratchet.nextReceiving)
  to.u32(ratchet.previous)
  if (sending) writeChain(to, sending)
  if (receiving) writeChain(to, receiving)
  to.u16(ratchet.skipped.length)
  for (const chain of ratchet.skipped) writeSkipped(to, chain)
}

export function readSession(from: Reader): Session {
  const flags = from.u8()
  const [id, startedAt, usedAt, ephemeral] = [from.bytes(32), from.u48(), from.u48(), from.bytes(32)]
  const pending =
    flags & PENDING ? { prekey: from.bytes(32), introduction: readIntroduction(from) } : undefined
  const root = from.bytes(32)
  const own = { secret: from.bytes(32), public: from.bytes(32) }
  const [nextSending, nextReceiving] = [from.bytes(HEADER_KEY_BYTES), from.bytes(HEADER_KEY_BYTES)]
  const previous = from.u32()
  const sending = flags & SENDING ? readChain(from) : undefined
  const receiving = flags & RECEIVING ? readChain(from) : undefined
  const skipped = Array.from({ length: from.u16() }, () => readSkipped(from))
  const ratchet = { root, own, sending, receiving, nextSending, nextReceiving, previous, skipped }
  return { id, startedAt, usedAt, ephemeral, ours: (flags & OURS) !== 0, pending, ratchet }
}

function writeChain(to: Writer, { key, number, header }: Chain): void {
  to.bytes(key)
  to.u32(number)
  to.bytes(header)
}

function readChain(from: Reader): Chain {
  return { key: from.bytes(32), number: from.u32(), header: from.bytes(HEADER_KEY_BYTES) }
}

function writeSkipped(to: Writer, { header, keys }: SkippedChain): void {
  to.bytes(header)
  to.u16(keys.length)
  for (const { number, at, key } of keys) {
    to.u32(number)
    to.u32(at)
    to.bytes(key)
  }
}

function readSkipped(from: Reader): SkippedChain {
  const header = from.bytes(HEADER_KEY_BYTES)
  const keys = Array.from({ length: from.u16() }, () => ({
    number: from.u32(),
    at: from.u32(),
    key: from.bytes(32),
  }))
  return { header, keys }
}

/** Wipes every key of a session. */
export function wipeSession({ ratchet }: Session): void {
  const { root, own, sending, receiving, nextSending, nextReceiving, skipped } = ratchet
  wipe(root, own.secret, nextSending, nextReceiving)
  wipe(sending?.key, sending?.header, receiving?.key, receiving?.header)
  for (const { header, keys } of skipped) wipe(header, ...keys.map(({ key }) => key))
}
