import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { reader, wipe, writer } from './bytes.ts'
import { chosen, withSession } from './choice.ts'
import type { Device } from './device.ts'
import { SecureError, isConflict } from './errors.ts'
import { receivingHeaders } from './ratchet.ts'
import { recognition } from './recognition.ts'
import type { Records, StoredRecord } from './records.ts'
import { readSession, wipeSession, writeSession, type Session } from './session.ts'
import { turns } from './turns.ts'
import type { DeviceAddress, SessionState } from './types.ts'

/** What a step with a device leads to: a session as it is now (or none, if nothing changes), and its result. */
export interface Step<T> {
  readonly session?: Session
  readonly result: T
  /** Runs before the session is written. */
  readonly before?: () => Promise<void>
}

const VERSION = 1
const KIND = 'session'
const AT_ONCE = 64
const ATTEMPTS = 3

interface Known {
  readonly address: DeviceAddress
  readonly state: SessionState
}

export interface PeersOptions {
  readonly records: Records
  readonly device: Device
  readonly now: () => number
}

export type Peers = ReturnType<typeof peers>

/** The sessions with other devices: one record a device, read and written as a whole, and never kept in memory. */
export function peers({ records, device, now }: PeersOptions) {
  const index = recognition()
  const known = new Map<string, Known>()
  const queue = turns()
  const nameOf = ({ account, device: key }: DeviceAddress) => records.nameOf(KIND, account + key)

  /** What is known without opening the record: by which keys its messages are recognised, and how things stand. */
  function note(name: string, address: DeviceAddress, sessions: readonly Session[]): void {
    index.set(
      name,
      sessions.flatMap(({ ratchet }) => receivingHeaders(ratchet)),
    )
    const session = chosen(sessions, now())
    if (session) known.set(name, { address, state: session.pending ? 'started' : 'confirmed' })
    else known.delete(name)
  }

  async function load(): Promise<void> {
    const names = await records.names(KIND)
    for (let at = 0; at < names.length; at += AT_ONCE)
      await Promise.all(names.slice(at, at + AT_ONCE).map(loadOne))
  }

  /** A damaged record stays until it is needed, so that one doesn't keep all others from being read. */
  async function loadOne(name: string): Promise<void> {
    const stored = await records.read(name).catch(undefinedIfDamaged)
    if (!stored) return
    if (!stored.native) return records.remove(name) // it may go on elsewhere
    const { address, sessions } = readPeer(stored.bytes, name)
    note(name, address, sessions)
    wipe(stored.bytes)
  }

  async function attempt<T>(
    name: string,
    address: DeviceAddress,
    task: (sessions: readonly Session[]) => Promise<Step<T>>,
  ): Promise<T> {
    const stored = await records.read(name)
    const sessions = stored ? sessionsOf(stored, name) : []
    try {
      const { session, result, before } = await task(sessions)
      if (!session) return result
      const { kept, dropped } = withSession(sessions, session, now())
      await before?.()
      await device.end(dropped.filter(({ ours }) => !ours).map(({ ephemeral }) => ephemeral))
      const bytes = writePeer(address, kept)
      await records.write(name, bytes, stored?.text).finally(() => wipe(bytes))
      note(name, address, kept)
      kept.forEach(wipeSession)
      return result
    } finally {
      if (stored) wipe(stored.bytes)
    }
  }

  /** Runs a task with the sessions of a device, alone; what it leads to is on disk when this resolves. */
  function change<T>(
    address: DeviceAddress,
    task: (sessions: readonly Session[]) => Promise<Step<T>>,
  ): Promise<T> {
    const name = nameOf(address)
    return queue.take(name, async () => {
      for (let left = ATTEMPTS; ; left--) {
        try {
          return await attempt(name, address, task)
        } catch (error) {
          if (!isConflict(error) || left === 1) throw error
        }
      }
    })
  }

  function forget(address: DeviceAddress): Promise<void> {
    const name = nameOf(address)
    return queue.take(name, async () => {
      const stored = await records.read(name)
      const sessions = stored ? sessionsOf(stored, name) : []
      await device.end(sessions.filter(({ ours }) => !ours).map(({ ephemeral }) => ephemeral))
      await records.remove(name)
      if (stored) wipe(stored.bytes)
      note(name, address, [])
    })
  }

  return {
    load,
    change,
    forget,
    /** Whose message this may be. */
    find: (mark: Parameters<typeof index.find>[0]): DeviceAddress | undefined => {
      const name = index.find(mark)
      return name === undefined ? undefined : known.get(name)?.address
    },
    state: (address: DeviceAddress): SessionState => known.get(nameOf(address))?.state ?? 'none',
    devices: (account: string): DeviceAddress[] =>
      [...known.values()].map(({ address }) => address).filter((address) => address.account === account),
    idle: queue.idle,
    wipe: index.wipe,
  }
}

function sessionsOf(stored: StoredRecord, name: string): readonly Session[] {
  return stored.native ? readPeer(stored.bytes, name).sessions : []
}

function writePeer({ account, device }: DeviceAddress, sessions: readonly Session[]): Uint8Array {
  const to = writer()
  to.u8(VERSION)
  to.bytes(hexToBytes(account))
  to.bytes(hexToBytes(device))
  to.u8(sessions.length)
  for (const session of sessions) writeSession(to, session)
  return to.done()
}

function readPeer(bytes: Uint8Array, name: string): { address: DeviceAddress; sessions: Session[] } {
  const damaged = () => new SecureError('The record of a session is damaged', { code: 'DAMAGED', key: name })
  const from = reader(bytes, damaged)
  from.u8()
  const address = { account: bytesToHex(from.bytes(32)), device: bytesToHex(from.bytes(32)) }
  const sessions = Array.from({ length: from.u8() }, () => readSession(from))
  from.end()
  return { address, sessions }
}

function undefinedIfDamaged(error: unknown): undefined {
  if (error instanceof SecureError && error.code === 'DAMAGED') return undefined
  throw error
}
