import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { poseidon1 } from 'poseidon-lite/poseidon1'
import { poseidon3 } from 'poseidon-lite/poseidon3'
import { memoryStore, type KeyValueStore } from '@teahouse/client'
import { decodeLeaseRequest, encodeLeaseAnswer } from '@teahouse/protocol/lease'
import { epochBytes, externalNullifier, FIELD, recoverSecret } from '@teahouse/protocol/rln'
import { createClock } from '../../../client/src/membership/leases/clock.ts'
import { createLeases } from '../../../client/src/membership/leases/leases.ts'
import { messageIds } from '../../../client/src/membership/message-ids.ts'
import {
  LEASE_MIGRATIONS,
  LeaseConfig,
  leaseAnswers,
  leaseDesk,
  sqliteBook,
} from '../../../nodes/src/lease/index.ts'
import { nullifierLog, NULLIFIER_MIGRATIONS } from '../../../nodes/src/rln/nullifier-log.ts'
import { openDatabase } from '../../../nodes/src/storage/index.ts'

export const EPOCH_SECONDS = 60
export const EPOCH = 30_000_000n
export const SECRET = 4_711n
export const identifier = new Uint8Array(32).fill(9)

/** `down`: no answer; `liar`: grants everything, and shows nothing; `denier`: says that all is taken, which it can't prove. */
export type Conduct = 'honest' | 'down' | 'liar' | 'denier'

/** Nodes that keep message ids, with databases of their own; and the one thing that counts: whether a secret was revealed. */
export function leaseWorld(operators: readonly number[] = [1, 2, 3]) {
  const folder = mkdtempSync(join(tmpdir(), 'teahouse-leases-'))
  let time = Number(EPOCH) * EPOCH_SECONDS * 1_000 + 20_000
  const nodes = new Map(operators.map((id) => [id, newNode(id)]))
  const conduct = new Map<number, Conduct>()
  const shares = nullifierLog(openDatabase(':memory:', NULLIFIER_MIGRATIONS))
  let sent = 0
  const slashed: bigint[] = []

  function newNode(id: number) {
    mkdirSync(join(folder, `${id}`), { recursive: true })
    let db = openDatabase(join(folder, `${id}`, 'leases.sqlite'), LEASE_MIGRATIONS)
    const now = () => time
    const open = () => {
      const desk = leaseDesk(LeaseConfig.parse({}), {
        book: sqliteBook(db),
        identifier,
        epochSeconds: EPOCH_SECONDS,
        now,
      })
      return leaseAnswers({ desk, now, log: pino({ level: 'silent' }) })
    }
    let answers = open()
    return {
      answer: (bytes: Uint8Array) => answers(bytes, { peerId: 'somebody', address: 'somewhere' }),
      /** Its memory is gone. */
      forget() {
        db.close()
        rmSync(join(folder, `${id}`), { recursive: true })
        mkdirSync(join(folder, `${id}`))
        db = openDatabase(join(folder, `${id}`, 'leases.sqlite'), LEASE_MIGRATIONS)
        answers = open()
      },
      close: () => db.close(),
    }
  }

  /** What a node makes of a request. `unreachable` are those that one device can't reach. */
  async function ask(
    operator: number,
    bytes: Uint8Array,
    unreachable: ReadonlySet<number>,
  ): Promise<Uint8Array> {
    const how = conduct.get(operator) ?? 'honest'
    if (how === 'down' || unreachable.has(operator)) throw new Error('gone')
    if (how === 'honest') return await nodes.get(operator)!.answer(bytes)
    const taken = decodeLeaseRequest(bytes).question?.claim
    if (how === 'liar') return encodeLeaseAnswer({ status: 200, description: 'OK', time, taken })
    const forged = taken && { ...taken, first: 0, end: 65_536, nonce: new Uint8Array(16) }
    return encodeLeaseAnswer({ status: 409, description: 'TAKEN', time, taken: forged })
  }

  /** A process of the account: what it has in memory dies with it. */
  function run(options: RunOptions = {}) {
    const { storage = memoryStore(), offByMs = 0, unreachable = new Set() } = options
    const deviceNow = () => time + offByMs
    const clock = createClock(deviceNow)
    const { at = async () => operators, head = time / 1_000 } = options
    const leases = createLeases({
      secret: SECRET,
      params: async () => ({ epochSeconds: EPOCH_SECONDS, identifier }),
      operators: {
        read: async () => ({
          head,
          at: async (seconds) => [...(await at(seconds))],
          everAnnounced: operators,
        }),
      },
      ask: (operator, bytes) => ask(operator, bytes, unreachable),
      storage,
      storageKey: 'ids',
      waits: { answerMs: 1_000, othersMs: 1_000 },
      ...{ clock, deviceNow },
    })
    const ids = messageIds(leases)
    const epochNow = () => BigInt(Math.floor(clock.now() / 1_000 / EPOCH_SECONDS))
    return {
      ids,
      epochNow,
      clock,
      /** Sends one message that nobody else sends. */
      async send(limit = 20): Promise<number> {
        const { epoch, messageId } = await ids.reserve(epochNow, limit)
        if (messageId >= limit) throw new RangeError(`There is no message id ${messageId}`)
        publish(epoch, messageId)
        return messageId
      },
    }
  }

  /** What every node of the network does with a message: two shares of one nullifier give the secret. */
  function publish(epoch: bigint, messageId: number): void {
    const slope = poseidon3([SECRET, externalNullifier(epochBytes(epoch), identifier), BigInt(messageId)])
    const x = BigInt(++sent)
    const share = { x, y: (SECRET + slope * x) % FIELD }
    const entry = {
      ...share,
      nullifier: poseidon1([slope]),
      epoch,
      hash: new Uint8Array(32),
      ephemeral: false,
    }
    const before = shares.enter(entry)
    if (before) slashed.push(recoverSecret(before, share))
  }

  return {
    run,
    publish,
    conduct,
    /** Secrets that were revealed. */
    slashed,
    forget: (operator: number) => nodes.get(operator)!.forget(),
    sent: () => sent,
    pass: (ms: number) => void (time += ms),
    stop() {
      for (const node of nodes.values()) node.close()
      rmSync(folder, { recursive: true })
    },
  }
}

export interface RunOptions {
  readonly storage?: KeyValueStore
  /** This device's clock minus the true time. */
  readonly offByMs?: number
  /** Operators that this device can't reach. */
  readonly unreachable?: ReadonlySet<number>
  /** What this device's view of the chain says: operators at a time, and the time of its newest block. */
  readonly at?: (seconds: number) => Promise<readonly number[]>
  readonly head?: number
}

/** Everything that a store holds, in a new one that does not know that it is a copy. */
export async function cloneOf(storage: KeyValueStore): Promise<KeyValueStore> {
  const copy = memoryStore()
  for (const key of await storage.keys('')) await copy.set(key, (await storage.get(key))!.value)
  return copy
}
