import { ed25519 } from '@noble/curves/ed25519.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { randomBytes, reader, sameBytes, wipe, writer, type Reader, type Writer } from './bytes.ts'
import { makeBundle } from './bundle.ts'
import { CARD_BYTES, addressOf, makeCard, peekCard, type DeviceKeys } from './card.ts'
import { keyPair } from './curve.ts'
import { SecureError, isConflict } from './errors.ts'
import type { KeyPair } from './platform.ts'
import {
  REPLAYABLE_MS,
  offered,
  publicHalf,
  readPrekeys,
  renewed,
  withUsed,
  writePrekeys,
  type Prekeys,
} from './prekeys.ts'
import { wipePrekey } from './pqxdh.ts'
import type { Records } from './records.ts'
import { turns } from './turns.ts'
import type { ChatIdentity, SessionsOptions } from './types.ts'

/** What a device knows of itself; none of it is derived from the account's phrase. */
interface DeviceState {
  /** Ed25519 secret key. */
  readonly signing: Uint8Array
  readonly agreement: KeyPair
  readonly card: Uint8Array
  /** When the bundle last changed, in milliseconds since 1970. */
  readonly madeAt: number
  readonly prekeys: Prekeys
  /** Beginnings of sessions that were given up, by their ephemeral key in hex, and until when they could come again. */
  readonly ended: ReadonlyMap<string, number>
}

const VERSION = 1
const ATTEMPTS = 3

export interface DeviceOptions extends Pick<SessionsOptions, 'identity'> {
  readonly records: Records
  readonly scope: string
  readonly oneTimeKeys: number
  readonly now: () => number
}

export type Device = Awaited<ReturnType<typeof openDevice>>['device']

/** Reads the device of a store, or makes one. Throws SecureError DAMAGED. StorageError. */
export async function openDevice({ records, scope, identity, oneTimeKeys, now }: DeviceOptions) {
  const name = `${scope}/device`
  const stored = await records.read(name)
  const origin = !stored ? 'new' : stored.native ? 'stored' : 'copied'
  let state: DeviceState
  let text: string | undefined
  if (stored && origin === 'stored') {
    ;({ text } = stored)
    state = readDevice(reader(stored.bytes, () => damaged(name)))
  } else {
    if (stored) wipe(stored.bytes)
    state = await newDevice(identity, oneTimeKeys, now())
    text = await write(state, stored?.text)
  }
  const keys: DeviceKeys = peekCard(state.card).keys
  if (!sameBytes(keys.account, identity.publicKey))
    throw new SecureError('The device is of another account', { code: 'BAD_OPTION', option: 'identity' })
  const queue = turns()

  function write(next: DeviceState, old: string | undefined): Promise<string> {
    const to = writer()
    writeDevice(to, next)
    const bytes = to.done()
    return records.write(name, bytes, old).finally(() => wipe(bytes))
  }

  /** Writes, then uses; one change after the other. If another process was quicker, it goes on from what that one wrote. */
  function change(step: (state: DeviceState) => Promise<DeviceState> | DeviceState): Promise<void> {
    return queue.take('', async () => {
      for (let left = ATTEMPTS; ; left--) {
        const next = await step(state)
        if (next === state) return
        try {
          text = await write(next, text)
          state = next
          return
        } catch (error) {
          if (!isConflict(error)) throw error
          const there = await records.read(name)
          if (!there || left === 1) throw error
          ;({ text } = there)
          state = readDevice(reader(there.bytes, () => damaged(name)))
        }
      }
    })
  }

  async function bundle(): Promise<Uint8Array> {
    const { signed, oneTime } = offered(state.prekeys, oneTimeKeys, now())
    const content = {
      signed: await publicHalf(signed),
      oneTime: await Promise.all(oneTime.map(publicHalf)),
    }
    const sign = (message: Uint8Array) => ed25519.sign(message, state.signing)
    return makeBundle({ card: state.card, madeAt: state.madeAt, ...content }, sign)
  }

  const device = {
    keys,
    address: addressOf(keys),
    card: () => state.card.slice(),
    bundle,
    get identity() {
      return state.agreement
    },
    get prekeys() {
      return state.prekeys
    },
    hasEnded: (ephemeral: Uint8Array) => state.ended.has(bytesToHex(ephemeral)),
    async replenish(): Promise<Uint8Array | undefined> {
      let isNew = false
      await change(async (old) => {
        const next = await renewed(old.prekeys, oneTimeKeys, now())
        ;({ isNew } = next)
        if (next.prekeys === old.prekeys) return old
        return { ...old, prekeys: next.prekeys, madeAt: isNew ? Math.max(now(), old.madeAt + 1) : old.madeAt }
      })
      return isNew ? bundle() : undefined
    },
    useOneTime: (id: number): Promise<void> =>
      change((old) => {
        const prekeys = withUsed(old.prekeys, id, now())
        return prekeys === old.prekeys ? old : { ...old, prekeys }
      }),
    /** Remembers beginnings that must not begin anything again. */
    end: (ephemerals: readonly Uint8Array[]): Promise<void> =>
      change((old) => {
        if (ephemerals.length === 0) return old
        const ended = new Map([...old.ended].filter(([, until]) => until > now()))
        for (const ephemeral of ephemerals) ended.set(bytesToHex(ephemeral), now() + REPLAYABLE_MS)
        return { ...old, ended }
      }),
    idle: queue.idle,
    wipe(): void {
      wipe(state.signing, state.agreement.secret)
      for (const prekey of [...state.prekeys.signed, ...state.prekeys.oneTime]) wipePrekey(prekey)
    },
  }
  return { device, origin } as const
}

async function newDevice(identity: ChatIdentity, oneTimeKeys: number, now: number): Promise<DeviceState> {
  const signing = randomBytes(32)
  const agreement = await keyPair()
  const keys = { signing: ed25519.getPublicKey(signing), device: agreement.public }
  const card = await makeCard(identity, keys, now)
  const { prekeys } = await renewed({ signed: [], oneTime: [], nextId: 1 }, oneTimeKeys, now)
  return { signing, agreement, card, madeAt: now, prekeys, ended: new Map() }
}

function writeDevice(to: Writer, { signing, agreement, card, madeAt, prekeys, ended }: DeviceState): void {
  to.u8(VERSION)
  to.bytes(signing)
  to.bytes(agreement.secret)
  to.bytes(agreement.public)
  to.bytes(card)
  to.u48(madeAt)
  writePrekeys(to, prekeys)
  to.u32(ended.size)
  for (const [ephemeral, until] of ended) {
    to.bytes(Uint8Array.from({ length: 32 }, (_, at) => parseInt(ephemeral.slice(2 * at, 2 * at + 2), 16)))
    to.u48(until)
  }
}

function readDevice(from: Reader): DeviceState {
  from.u8()
  const signing = from.bytes(32)
  const agreement = { secret: from.bytes(32), public: from.bytes(32) }
  const [card, madeAt, prekeys] = [from.bytes(CARD_BYTES), from.u48(), readPrekeys(from)]
  const ended = new Map<string, number>()
  for (let left = from.u32(); left > 0; left--) ended.set(bytesToHex(from.bytes(32)), from.u48())
  from.end()
  return { signing, agreement, card, madeAt, prekeys, ended }
}

function damaged(key: string): SecureError {
  return new SecureError('The record of the device is damaged', { code: 'DAMAGED', key })
}
