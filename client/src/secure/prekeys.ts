import { randomBytes, type Reader, type Writer } from './bytes.ts'
import type { PublicPrekey } from './bundle.ts'
import { keyPair } from './curve.ts'
import { kemKeyOf, type SecretPrekey } from './pqxdh.ts'

/** A prekey of this device. Times are milliseconds since 1970. */
export interface Prekey extends SecretPrekey {
  /** 0 for signed prekeys. */
  readonly id: number
  readonly madeAt: number
  /** When a session was first begun with it; 0 if none was. */
  readonly usedAt: number
}

export interface Prekeys {
  /** Latest first. */
  readonly signed: readonly Prekey[]
  readonly oneTime: readonly Prekey[]
  readonly nextId: number
}

const DAY = 86_400_000
/** A message waits in the stores for up to 30 days, and may have been sealed with a bundle of yesterday. */
const SIGNED_OFFERED_MS = 14 * DAY
const SIGNED_KEPT_MS = SIGNED_OFFERED_MS + 31 * DAY
const ONE_TIME_OFFERED_MS = 30 * DAY
const ONE_TIME_KEPT_MS = ONE_TIME_OFFERED_MS + 31 * DAY
/** For others who took the same one before the next bundle was out. */
const USED_KEPT_MS = 2 * DAY
const MAX_ID = 2 ** 32 - 1

/** As long as a beginning may come again that could be read. */
export const REPLAYABLE_MS = Math.max(SIGNED_KEPT_MS, ONE_TIME_KEPT_MS) + DAY

/** What a bundle offers. */
export function offered({ signed, oneTime }: Prekeys, count: number, now: number) {
  const isOffered = ({ usedAt, madeAt }: Prekey) => usedAt === 0 && madeAt + ONE_TIME_OFFERED_MS > now
  return { signed: signed[0]!, oneTime: oneTime.filter(isOffered).slice(-count) }
}

/**
 * With `count` one-time prekeys to offer and a signed one that is not too old, without those whose time is over. `isNew` if
 * there is something to publish; the same object if nothing changed.
 */
export async function renewed(prekeys: Prekeys, count: number, now: number) {
  const signed = prekeys.signed.filter(({ madeAt }) => madeAt + SIGNED_KEPT_MS > now)
  const oneTime = prekeys.oneTime.filter(
    ({ madeAt, usedAt }) => madeAt + ONE_TIME_KEPT_MS > now && (usedAt === 0 || usedAt + USED_KEPT_MS > now),
  )
  const isFresh = (madeAt: number) => madeAt + SIGNED_OFFERED_MS > now && madeAt < now + DAY // by a clock gone right
  const due = !signed[0] || !isFresh(signed[0].madeAt)
  if (due) signed.unshift(await makePrekey(0, now))
  const missing = count - offered({ ...prekeys, signed, oneTime }, count, now).oneTime.length
  let { nextId } = prekeys
  for (let made = 0; made < missing; made++) {
    oneTime.push(await makePrekey(nextId, now))
    nextId = nextId === MAX_ID ? 1 : nextId + 1
  }
  const isNew = due || missing > 0
  const isSame =
    !isNew && signed.length === prekeys.signed.length && oneTime.length === prekeys.oneTime.length
  return { prekeys: isSame ? prekeys : { signed, oneTime, nextId }, isNew }
}

/** Marks a one-time prekey as used; the same object if it was. */
export function withUsed(prekeys: Prekeys, id: number, now: number): Prekeys {
  const isFirst = prekeys.oneTime.some((prekey) => prekey.id === id && prekey.usedAt === 0)
  if (!isFirst) return prekeys
  const oneTime = prekeys.oneTime.map((prekey) => (prekey.id === id ? { ...prekey, usedAt: now } : prekey))
  return { ...prekeys, oneTime }
}

async function makePrekey(id: number, madeAt: number): Promise<Prekey> {
  return { id, madeAt, usedAt: 0, curve: await keyPair(), kemSeed: randomBytes(64) }
}

export async function publicHalf(prekey: Prekey): Promise<PublicPrekey> {
  return { id: prekey.id, curve: prekey.curve.public, kem: await kemKeyOf(prekey) }
}

export function writePrekeys(to: Writer, { signed, oneTime, nextId }: Prekeys): void {
  to.u32(nextId)
  for (const list of [signed, oneTime]) {
    to.u16(list.length)
    for (const { id, madeAt, usedAt, curve, kemSeed } of list) {
      to.u32(id)
      to.u48(madeAt)
      to.u48(usedAt)
      to.bytes(curve.secret)
      to.bytes(curve.public)
      to.bytes(kemSeed)
    }
  }
}

export function readPrekeys(from: Reader): Prekeys {
  const nextId = from.u32()
  const list = () => Array.from({ length: from.u16() }, () => readPrekey(from))
  return { nextId, signed: list(), oneTime: list() }
}

function readPrekey(from: Reader): Prekey {
  const [id, madeAt, usedAt] = [from.u32(), from.u48(), from.u48()]
  const curve = { secret: from.bytes(32), public: from.bytes(32) }
  return { id, madeAt, usedAt, curve, kemSeed: from.bytes(64) }
}
