import { randomBytes } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import { createSessions, memoryStore, sealedStore, type Sessions } from '@teahouse/client'
import Olm from '@matrix-org/olm'
import type { Bench, Row } from '../../scripts/bench/bench.ts'
import { cpuMs, type Tools } from '../../scripts/bench/tools.ts'
import { openContacts } from '../../client/src/chat/contacts.ts'
import { loadPinyin } from '../../client/src/chat/search.ts'
import { markOf } from '../../client/src/secure/header.ts'
import { recognition } from '../../client/src/secure/recognition.ts'
import { bodyOf, signalUser, type SignalUser } from './tools/libsignal.ts'

const ROUNDS = 12
const HANDSHAKES = 10
const MESSAGES = 20
const IN_REVERSE = 200
const CONTACTS = 10_000
/** Below what a person notices. */
const AT_ONCE_MS = 100
/** A short text with its padding. */
const TEXT = 'x'.repeat(200)
const PLAIN = new TextEncoder().encode(TEXT)
const SIGNAL = 'libsignal-protocol-typescript'
const STORAGE_KEY = new Uint8Array(32).fill(1)

/** Hands out one prepared thing after the other. */
function supply<T>(things: readonly T[]): () => T {
  let at = 0
  return () => things[at++]!
}

async function many<T>(count: number, make: () => Promise<T>): Promise<() => T> {
  const made: T[] = []
  while (made.length < count) made.push(await make())
  return supply(made)
}

async function ourDevice(): Promise<Sessions> {
  const { secretKey, publicKey } = ed25519.keygen()
  const identity = { publicKey, sign: (message: Uint8Array) => ed25519.sign(message, secretKey) }
  return createSessions({
    storage: memoryStore(),
    storageKey: STORAGE_KEY,
    scope: 'bench',
    identity,
    oneTimeKeys: 1,
  })
}

interface OurPair {
  readonly alice: Sessions
  readonly bob: Sessions
  readonly bundle: Uint8Array
}

async function ourStrangers(): Promise<OurPair> {
  const [alice, bob] = [await ourDevice(), await ourDevice()]
  return { alice, bob, bundle: await bob.bundle() }
}

/** Card, bundle, PQXDH, ratchet, first message, and the same at the other side, with the states of both on their stores. */
async function ourHandshake({ alice, bob, bundle }: OurPair): Promise<void> {
  const to = await alice.start(bob.address.account, bundle)
  mustBe(await bob.open(await alice.seal(to, PLAIN)), 'handshake')
}

async function ourFriends(): Promise<OurPair> {
  const pair = await ourStrangers()
  await ourHandshake(pair)
  mustBe(await pair.alice.open(await pair.bob.seal(pair.alice.address, PLAIN)), 'answer')
  return pair
}

async function signalStrangers(): Promise<[SignalUser, SignalUser]> {
  return [await signalUser('alice'), await signalUser('bob')]
}

async function signalHandshake([alice, bob]: [SignalUser, SignalUser]): Promise<void> {
  await alice.begin(bob)
  const first = await alice.cipherFor(bob).encrypt(PLAIN.buffer)
  mustBe(await bob.cipherFor(alice).decryptPreKeyWhisperMessage(bodyOf(first), 'binary'), 'libsignal')
}

async function signalFriends(): Promise<[SignalUser, SignalUser]> {
  const [alice, bob] = await signalStrangers()
  await signalHandshake([alice, bob])
  const answer = await bob.cipherFor(alice).encrypt(PLAIN.buffer)
  mustBe(await alice.cipherFor(bob).decryptWhisperMessage(bodyOf(answer), 'binary'), 'libsignal')
  return [alice, bob]
}

interface OlmPair {
  readonly alice: Olm.Account
  readonly bob: Olm.Account
  readonly identity: string
  readonly oneTime: string
}

function olmStrangers(): OlmPair {
  const [alice, bob] = [new Olm.Account(), new Olm.Account()]
  alice.create()
  bob.create()
  bob.generate_one_time_keys(1)
  const { curve25519 } = JSON.parse(bob.one_time_keys()) as { curve25519: Record<string, string> }
  const { curve25519: identity } = JSON.parse(bob.identity_keys()) as { curve25519: string }
  return { alice, bob, identity, oneTime: Object.values(curve25519)[0]! }
}

function olmHandshake({ alice, bob, identity, oneTime }: OlmPair): [Olm.Session, Olm.Session] {
  const [out, back] = [new Olm.Session(), new Olm.Session()]
  out.create_outbound(alice, identity, oneTime)
  const first = out.encrypt(TEXT)
  back.create_inbound(bob, first.body)
  mustBe(back.decrypt(first.type, first.body), 'olm')
  return [out, back]
}

function olmFriends(): [Olm.Session, Olm.Session] {
  const [out, back] = olmHandshake(olmStrangers())
  const answer = back.encrypt(TEXT)
  mustBe(out.decrypt(answer.type, answer.body), 'olm')
  return [out, back]
}

function mustBe(value: unknown, what: string): void {
  if (!value) throw new Error(`${what}: a message was not readable`)
}

async function handshakes(tools: Tools): Promise<Row> {
  tools.note('handshakes')
  const count = (ROUNDS + 1) * HANDSHAKES
  const ours = await many(count, ourStrangers)
  const signal = await many(count, signalStrangers)
  const olm = await many(count, async () => olmStrangers())
  const result = await tools.compare(
    {
      ours: () => ourHandshake(ours()),
      peers: { [SIGNAL]: () => signalHandshake(signal()), olm: () => olmHandshake(olm()) },
    },
    { rounds: ROUNDS, repeat: { ours: HANDSHAKES, [SIGNAL]: HANDSHAKES, olm: HANDSHAKES } },
  )
  return tools.row(result, { metric: 'begin a session, first message read', gate: { ratio: 15 } })
}

async function symmetric(tools: Tools): Promise<Row> {
  tools.note('messages of one chain')
  const { alice, bob } = await ourFriends()
  const [signalAlice, signalBob] = await signalFriends()
  const [olmAlice, olmBob] = olmFriends()
  const result = await tools.compare(
    {
      ours: async () => mustBe(await bob.open(await alice.seal(bob.address, PLAIN)), 'ours'),
      peers: {
        async [SIGNAL]() {
          const { body } = await signalAlice.cipherFor(signalBob).encrypt(PLAIN.buffer)
          mustBe(await signalBob.cipherFor(signalAlice).decryptWhisperMessage(body!, 'binary'), SIGNAL)
        },
        olm() {
          const { type, body } = olmAlice.encrypt(TEXT)
          mustBe(olmBob.decrypt(type, body), 'olm')
        },
      },
    },
    { rounds: ROUNDS, repeat: { ours: MESSAGES, [SIGNAL]: MESSAGES, olm: MESSAGES } },
  )
  return tools.row(result, { metric: 'a message sealed and opened, 200 B', gate: { ratio: 2 } })
}

async function turns(tools: Tools): Promise<Row> {
  tools.note('turns of the ratchet')
  const { alice, bob } = await ourFriends()
  const [signalAlice, signalBob] = await signalFriends()
  const [olmAlice, olmBob] = olmFriends()
  const say = async (from: Sessions, to: Sessions) =>
    mustBe(await to.open(await from.seal(to.address, PLAIN)), 'ours')
  const signalSay = async (from: SignalUser, to: SignalUser) => {
    const { body } = await from.cipherFor(to).encrypt(PLAIN.buffer)
    mustBe(await to.cipherFor(from).decryptWhisperMessage(body!, 'binary'), SIGNAL)
  }
  const olmSay = (from: Olm.Session, to: Olm.Session) => {
    const { type, body } = from.encrypt(TEXT)
    mustBe(to.decrypt(type, body), 'olm')
  }
  const result = await tools.compare(
    {
      ours: async () => (await say(alice, bob), await say(bob, alice)),
      peers: {
        [SIGNAL]: async () => (
          await signalSay(signalAlice, signalBob),
          await signalSay(signalBob, signalAlice)
        ),
        olm: () => (olmSay(olmAlice, olmBob), olmSay(olmBob, olmAlice)),
      },
    },
    { rounds: ROUNDS, repeat: { ours: HANDSHAKES, [SIGNAL]: HANDSHAKES, olm: HANDSHAKES } },
  )
  return tools.row(result, { metric: 'a message and its answer, two turns of the ratchet' })
}

/** How many of 200 messages can be read when the last comes first. */
async function reverse(tools: Tools): Promise<Row> {
  tools.note(`${IN_REVERSE} messages in reverse`)
  const { alice, bob } = await ourFriends()
  const ours = await readable(
    () => alice.seal(bob.address, PLAIN),
    (message) => bob.open(message),
  )
  const [signalAlice, signalBob] = await signalFriends()
  const signal = await readable(
    async () => bodyOf(await signalAlice.cipherFor(signalBob).encrypt(PLAIN.buffer)),
    (body) => signalBob.cipherFor(signalAlice).decryptWhisperMessage(body, 'binary'),
  )
  const [olmAlice, olmBob] = olmFriends()
  const olm = await readable(
    async () => olmAlice.encrypt(TEXT),
    async ({ type, body }) => olmBob.decrypt(type, body),
  )
  return {
    metric: `messages of ${IN_REVERSE} readable in reverse`,
    unit: 'messages',
    ours,
    min: ours,
    peers: { [SIGNAL]: signal, olm },
    ratio: ours / signal,
    gate: { atLeast: IN_REVERSE },
  }
}

/** What somebody else's message costs a device with many contacts: every header key is tried. */
async function foreign(tools: Tools): Promise<Row> {
  tools.note(`a foreign message among ${CONTACTS} contacts`)
  const index = recognition()
  for (let at = 0; at < CONTACTS; at++) index.set(String(at), [randomBytes(64), randomBytes(64)])
  const mark = markOf(randomBytes(24))
  const ours = () => mustBe(index.find(mark) === undefined, 'recognition')
  return tools.row(await tools.compare({ ours }, { rounds: ROUNDS, repeat: { ours: HANDSHAKES } }), {
    metric: `a message of others, told among ${CONTACTS.toLocaleString('en')} contacts`,
  })
}

/** A list of many Chinese names, looked through by the pinyin of one: the first time, and from then on. */
async function searching(tools: Tools): Promise<Row[]> {
  tools.note(`searches among ${CONTACTS} contacts`)
  const store = sealedStore(memoryStore(), { key: STORAGE_KEY, scope: 'bench' })
  const contacts = await openContacts(store, () => 1, loadPinyin)
  const [surnames, given] = [[...'王李张刘陈杨黄赵吴周'], [...'伟芳娜敏静秀英丽强磊']]
  await contacts.addAll(
    Array.from({ length: CONTACTS }, (_, at) => ({
      account: randomBytes(32).toString('hex'),
      name: `${surnames[at % 10]}${given[Math.floor(at / 10) % 10]}${at}`,
      ...{ verified: false, blocked: false, muted: false, addedAt: 1 },
    })),
  )
  const search = async () => mustBe((await contacts.search('zhangmin')).length === 50, 'search')
  const first = await cpuMs(search, 1)
  const among = `a search by pinyin among ${CONTACTS.toLocaleString('en')} contacts`
  const rest = { peers: {}, ratio: null, gate: null }
  return [
    tools.row(await tools.compare({ ours: search }, { rounds: ROUNDS }), {
      metric: among,
      gate: { atMost: AT_ONCE_MS },
    }),
    { metric: `${among}, the first, dictionary and all`, unit: 'ms CPU', ours: first, min: first, ...rest },
  ]
}

async function readable<T>(make: () => Promise<T>, read: (message: T) => Promise<unknown>): Promise<number> {
  const messages: T[] = []
  while (messages.length < IN_REVERSE) messages.push(await make())
  let count = 0
  for (const message of messages.reverse()) {
    const opened = await read(message).catch(() => undefined)
    if (opened) count++
  }
  return count
}

async function run(tools: Tools): Promise<Row[]> {
  await Olm.init()
  return [
    await handshakes(tools),
    await symmetric(tools),
    await turns(tools),
    await reverse(tools),
    await foreign(tools),
    ...(await searching(tools)),
  ]
}

export default {
  name: 'chat',
  title: 'end-to-end encryption against libsignal-protocol-typescript and olm',
  run,
} satisfies Bench
