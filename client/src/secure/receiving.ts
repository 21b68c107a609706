import { openCard, addressOf, type DeviceKeys } from './card.ts'
import { sameBytes } from './bytes.ts'
import type { Device } from './device.ts'
import { SecureError } from './errors.ts'
import { prefixLength } from './format.ts'
import { openIntroduction, type Introduction } from './introduction.ts'
import type { Peers, Step } from './peers.ts'
import { answer } from './pqxdh.ts'
import type { Prekey } from './prekeys.ts'
import { answeringRatchet, cut, decrypt, recognizes, type Cut } from './ratchet.ts'
import type { Session } from './session.ts'
import type { DeviceAddress, Opened } from './types.ts'

export interface OpenerDeps {
  readonly device: Device
  readonly peers: Peers
  readonly now: () => number
}

/** Far beyond any clock, and so far from the end of 6 bytes that sessions after it still fit. */
const MAX_TIME = 2 ** 47

type Keep = ((opened: Opened) => Promise<void>) | undefined

/** Decrypts: a message of a session that there is, or one that begins another. */
export function opener({ device, peers, now }: OpenerDeps) {
  const seconds = () => Math.floor(now() / 1_000)

  /** A step on a session, if one of these recognises the message. */
  async function onSession(
    sessions: readonly Session[],
    message: Cut,
    from: DeviceAddress,
    keep: Keep,
  ): Promise<Step<Opened> | undefined> {
    const session = sessions.find(({ ratchet }) => recognizes(ratchet, message.mark))
    if (!session) return undefined
    const { ratchet, plaintext } = await decrypt(session.ratchet, session.id, message, seconds())
    const opened = { from, plaintext, began: false }
    return {
      session: { ...session, ratchet, usedAt: now(), pending: undefined },
      result: opened,
      before: async () => keep?.(opened),
    }
  }

  /** The introduction of a message, if it was sealed for one of our signed prekeys. */
  async function introductionOf({ prefix }: Cut) {
    for (const signed of device.prekeys.signed) {
      const introduction = await openIntroduction(prefix.subarray(1), signed.curve, prefix.subarray(0, 1))
      if (introduction) return { introduction, signed }
    }
    return undefined
  }

  async function newSession(
    introduction: Introduction,
    theirs: DeviceKeys,
    signed: Prekey,
    message: Cut,
  ): Promise<{ session: Session; plaintext: Uint8Array }> {
    const { oneTimeId, ephemeral, startedAt } = introduction
    if (startedAt > MAX_TIME) throw tampered()
    const oneTime = device.prekeys.oneTime.find(({ id }) => id === oneTimeId)
    if (oneTimeId !== 0 && !oneTime) {
      const detail = { code: 'PREKEY_GONE', claimed: addressOf(theirs) } as const
      throw new SecureError('The session was begun with a prekey that is gone', detail)
    }
    const side = { own: device.keys, theirs, identity: device.identity }
    const { id, shared } = await answer(side, signed, oneTime, introduction).catch((cause: unknown) => {
      throw tampered(cause)
    })
    const start = answeringRatchet(shared, signed.curve)
    if (!recognizes(start, message.mark)) throw tampered()
    const { ratchet, plaintext } = await decrypt(start, id, message, seconds())
    const session = { id, startedAt, usedAt: now(), ephemeral, ours: false, pending: undefined, ratchet }
    return { session, plaintext }
  }

  /** The step that a beginning leads to, unless it was seen before. */
  async function onBeginning(
    sessions: readonly Session[],
    { introduction, signed }: { introduction: Introduction; signed: Prekey },
    theirs: DeviceKeys,
    message: Cut,
    keep: Keep,
  ): Promise<Step<Opened>> {
    const from = addressOf(theirs)
    const known = await onSession(sessions, message, from, keep)
    if (known) return known
    const { ephemeral, oneTimeId } = introduction
    if (device.hasEnded(ephemeral) || sessions.some((session) => sameBytes(session.ephemeral, ephemeral)))
      throw new SecureError('The beginning of this session was seen before', { code: 'REPLAYED' })
    const { session, plaintext } = await newSession(introduction, theirs, signed, message)
    const opened = { from, plaintext, began: true }
    return {
      session,
      result: opened,
      async before() {
        await keep?.(opened)
        await device.useOneTime(oneTimeId)
      },
    }
  }

  return async function open(bytes: Uint8Array, keep?: Keep): Promise<Opened | undefined> {
    const length = prefixLength(bytes)
    const message = length === undefined ? undefined : cut(bytes, length)
    if (!message) return undefined
    const address = peers.find(message.mark)
    const found =
      address &&
      (await peers.change<Opened | undefined>(
        address,
        async (sessions) => (await onSession(sessions, message, address, keep)) ?? { result: undefined },
      ))
    if (found || length === 1) return found
    const beginning = await introductionOf(message)
    if (!beginning) return undefined
    const { keys: theirs } = await openCard(beginning.introduction.card)
    return peers.change(addressOf(theirs), (sessions) =>
      onBeginning(sessions, beginning, theirs, message, keep),
    )
  }
}

function tampered(cause?: unknown): SecureError {
  return new SecureError('The message was damaged', { code: 'TAMPERED' }, { cause })
}
