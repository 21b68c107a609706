import { concatBytes } from '@noble/hashes/utils.js'
import { bad, openBundle, type OpenedBundle } from './bundle.ts'
import { addressOf } from './card.ts'
import { chosen, startsAt } from './choice.ts'
import type { Device } from './device.ts'
import { SecureError } from './errors.ts'
import { BEGINNING, LATER } from './format.ts'
import { sealIntroduction } from './introduction.ts'
import type { Peers } from './peers.ts'
import { begin } from './pqxdh.ts'
import { MESSAGE_BYTES, beginningRatchet, encrypt } from './ratchet.ts'
import type { Session } from './session.ts'
import type { DeviceAddress, Plaintext } from './types.ts'

export interface SealerDeps {
  readonly device: Device
  readonly peers: Peers
  readonly now: () => number
}

/** Begins sessions, and encrypts. */
export function sealer({ device, peers, now }: SealerDeps) {
  async function beginSession(bundle: OpenedBundle, sessions: readonly Session[]): Promise<Session> {
    const { signed, oneTime, keys } = bundle
    const prekey = oneTime[randomBelow(oneTime.length)]
    const startedAt = startsAt(sessions, now())
    const side = { own: device.keys, theirs: keys, identity: device.identity }
    const { id, shared, beginning } = await begin(side, signed, prekey, startedAt)
    const { ephemeral } = beginning
    const introduction = { ...beginning, card: device.card() }
    const ratchet = await beginningRatchet(shared, signed.curve)
    const pending = { introduction, prekey: signed.curve }
    return { id, startedAt, usedAt: now(), ephemeral, ours: true, pending, ratchet }
  }

  return {
    async start(account: string, bytes: Uint8Array): Promise<DeviceAddress> {
      const bundle = await openBundle(bytes)
      const address = addressOf(bundle.keys)
      if (address.account !== account.toLowerCase()) {
        const detail = { code: 'WRONG_ACCOUNT', account: address.account } as const
        throw new SecureError('The bundle is of another account', detail)
      }
      if (address.device === device.address.device) throw bad('it is of this device itself')
      return peers.change(address, async (sessions) => {
        const session = await beginSession(bundle, sessions).catch(badKey)
        return { session, result: address }
      })
    },

    seal: (to: DeviceAddress, plaintext: Plaintext): Promise<Uint8Array> =>
      peers.change(to, async (sessions) => {
        const session = chosen(sessions, now())
        if (!session)
          throw new SecureError('There is no session with this device', { code: 'NO_SESSION', to })
        const prefix = await prefixOf(session)
        const text = typeof plaintext === 'function' ? plaintext(prefix.length + MESSAGE_BYTES) : plaintext
        const { ratchet, message } = encrypt(session.ratchet, session.id, prefix, text)
        return { session: { ...session, ratchet, usedAt: now() }, result: message }
      }),
  }
}

async function prefixOf({ pending }: Session): Promise<Uint8Array> {
  if (!pending) return LATER
  return concatBytes(BEGINNING, await sealIntroduction(pending.introduction, pending.prekey, BEGINNING))
}

/** A number from 0 to below `count`, all as likely but for one in 2^24. */
function randomBelow(count: number): number {
  const [word = 0] = crypto.getRandomValues(new Uint32Array(1))
  return Math.floor((word / 2 ** 32) * count)
}

/** A key in a bundle that is signed, and yet no key: of low order, or outside its field. */
function badKey(cause: unknown): never {
  if (cause instanceof SecureError && cause.code !== 'BAD_KEY') throw cause
  throw new SecureError(
    'A key in the bundle is none',
    { code: 'BAD_BUNDLE', why: 'a key in it is none' },
    { cause },
  )
}
