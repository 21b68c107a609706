import { describe, expect, it } from 'vitest'
import { randomBytes, writer } from './bytes.ts'
import { keyPair } from './curve.ts'
import {
  answeringRatchet,
  beginningRatchet,
  cut,
  decrypt,
  encrypt,
  recognizes,
  type Ratchet,
} from './ratchet.ts'
import { writeSession } from './session.ts'
import { withoutExpired } from './skipped.ts'

const ID = new Uint8Array(32).fill(7)
const PREFIX = Uint8Array.of(2)
const NOW = 1_000_000
const DAY_SECONDS = 86_400

/** One side of a conversation; `state` is all it knows. */
interface Side {
  state: Ratchet
}

async function ratchets(): Promise<[Side, Side]> {
  const shared = { root: randomBytes(32), firstHeader: randomBytes(64), answerHeader: randomBytes(64) }
  const prekey = await keyPair()
  return [
    { state: await beginningRatchet(shared, prekey.public) },
    { state: answeringRatchet(shared, prekey) },
  ]
}

function send(side: Side, text: string): Uint8Array {
  const { ratchet, message } = encrypt(side.state, ID, PREFIX, new TextEncoder().encode(text))
  side.state = ratchet
  return message
}

async function receive(side: Side, message: Uint8Array, now = NOW): Promise<string> {
  const { ratchet, plaintext } = await decrypt(side.state, ID, cut(message, 1)!, now)
  side.state = ratchet
  return new TextDecoder().decode(plaintext)
}

const isRecognized = ({ state }: Side, message: Uint8Array) => recognizes(state, cut(message, 1)!.mark)

/** Everything a side has, as it is stored. */
function bytesOf({ state }: Side): string {
  const to = writer()
  const none = { startedAt: 0, usedAt: 0, ephemeral: new Uint8Array(32), ours: true, pending: undefined }
  writeSession(to, { id: ID, ...none, ratchet: state })
  return Buffer.from(to.done()).toString('hex')
}

/** Alice and Bob after a few turns. */
async function friends(): Promise<[Side, Side]> {
  const [alice, bob] = await ratchets()
  await receive(bob, send(alice, 'a'))
  await receive(alice, send(bob, 'b'))
  await receive(bob, send(alice, 'c'))
  return [alice, bob]
}

describe('messages of a ratchet', () => {
  it('are read in any order, over turns', async () => {
    const [alice, bob] = await friends()
    const first = [send(alice, '0'), send(alice, '1'), send(alice, '2')]
    await receive(alice, send(bob, 'turn'))
    const second = [send(alice, '3'), send(alice, '4')]
    const order = [second[1]!, first[1]!, second[0]!, first[2]!, first[0]!]
    const texts: string[] = []
    for (const message of order) texts.push(await receive(bob, message))
    expect(texts).toEqual(['4', '1', '3', '2', '0'])
    expect(bob.state.skipped).toEqual([])
  })

  it('are all read, 200 of 200, when the last comes first', async () => {
    const [alice, bob] = await friends()
    const sent = Array.from({ length: 200 }, (_, at) => send(alice, String(at))).reverse()
    const texts: string[] = []
    for (const message of sent) texts.push(await receive(bob, message))
    expect(texts).toEqual(Array.from({ length: 200 }, (_, at) => String(199 - at)))
  })

  it('have nothing in common that an observer could link', async () => {
    const [alice] = await friends()
    const [one, other] = [send(alice, 'same'), send(alice, 'same')]
    const same = one.filter((byte, at) => at > 0 && byte === other[at]).length
    expect(same).toBeLessThan(16) // about one in 256
  })
})

describe('a key that was stolen', () => {
  it('does not read what was read before: it is nowhere in the state', async () => {
    const [alice, bob] = await friends()
    const before = [bytesOf(bob)]
    const chainKey = Buffer.from(bob.state.receiving!.key).toString('hex')
    expect(before[0]).toContain(chainKey)
    const message = send(alice, 'old')
    await receive(bob, message)
    const stolen = { state: bob.state }
    expect(bytesOf(stolen)).not.toContain(chainKey)
    await expect(receive(stolen, message)).rejects.toMatchObject({ code: 'REPLAYED' })
  })

  it('does not read what comes after a new key of each side', async () => {
    const [alice, bob] = await friends()
    const thief = { state: bob.state }
    const turn = async () => {
      await receive(alice, send(bob, 'over to you'))
      const message = send(alice, 'and back')
      await receive(bob, message)
      return message
    }
    expect(await receive(thief, await turn())).toBe('and back') // Bob's next key was in what was stolen
    // The thief knows the next header key, but not the ratchet key that Bob made since.
    await expect(receive(thief, await turn())).rejects.toMatchObject({ code: 'TAMPERED' })
    expect(isRecognized(thief, await turn())).toBe(false)
  })

  it('of one message reads no other', async () => {
    const [alice, bob] = await friends()
    const [one, two] = [send(alice, 'one'), send(alice, 'two')]
    await receive(bob, two)
    const [skipped] = bob.state.skipped[0]!.keys
    const [a, b] = [cut(one, 1)!, cut(two, 1)!]
    expect(skipped!.number).toBe(1)
    const mixed = { ...b, nonce: a.nonce, mark: a.mark, header: a.header }
    await expect(decrypt(bob.state, ID, mixed, NOW)).rejects.toMatchObject({ code: 'TAMPERED' })
  })
})

describe('keys of messages that are missing', () => {
  it('are 1,000 a session at most, the oldest dropped', async () => {
    const [alice, bob] = await friends()
    const sent = Array.from({ length: 1_203 }, (_, at) => send(alice, String(at)))
    await receive(bob, sent[900]!)
    await receive(bob, sent[1_202]!)
    const kept = bob.state.skipped.flatMap(({ keys }) => keys)
    expect(kept).toHaveLength(1_000)
    await expect(receive(bob, sent[100]!)).rejects.toMatchObject({ code: 'REPLAYED' })
    expect(await receive(bob, sent[1_100]!)).toBe('1100')
  })

  it('are not made by the thousand for one message', async () => {
    const [alice, bob] = await friends()
    for (let at = 0; at < 1_001; at++) send(alice, 'lost')
    const before = bytesOf(bob)
    const refused = { code: 'TOO_FAR', missing: 1_001, limit: 1_000 }
    await expect(receive(bob, send(alice, 'far'))).rejects.toMatchObject({ detail: refused })
    expect(bytesOf(bob)).toBe(before)
  })

  it('are given up after five weeks', async () => {
    const [alice, bob] = await friends()
    send(alice, 'lost')
    await receive(bob, send(alice, 'not lost'))
    expect(withoutExpired(bob.state.skipped, NOW + 34 * DAY_SECONDS)).toBe(bob.state.skipped)
    expect(withoutExpired(bob.state.skipped, NOW + 36 * DAY_SECONDS)).toEqual([])
  })
})
