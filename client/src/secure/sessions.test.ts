import { ed25519 } from '@noble/curves/ed25519.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../storage/store.ts'
import { makeBundle, openBundle, readBundle } from './bundle.ts'
import { makeCard, peekCard, readCard } from './card.ts'
import { createSessions } from './sessions.ts'
import { NOW, begin, hear, identity, pair, person, say, textOf } from './testing/people.ts'

describe('two devices', () => {
  it('begin while one is offline, and talk', async () => {
    const [alice, bob] = [await person(), await person()]
    await begin(alice, bob)
    const first = await say(alice, bob, 'hello')
    const second = await say(alice, bob, 'are you there?')
    const opened = await bob.sessions.open(first)
    expect(opened).toMatchObject({ from: alice.sessions.address, began: true })
    expect(textOf(opened)).toBe('hello')
    expect(await hear(bob, second)).toBe('are you there?')
    expect(alice.sessions.state(bob.sessions.address)).toBe('started')
    expect(await hear(alice, await say(bob, alice, 'yes'))).toBe('yes')
    expect(alice.sessions.state(bob.sessions.address)).toBe('confirmed')
    for (let turn = 0; turn < 3; turn++) {
      expect(await hear(bob, await say(alice, bob, `to ${turn}`))).toBe(`to ${turn}`)
      expect(await hear(alice, await say(bob, alice, `back ${turn}`))).toBe(`back ${turn}`)
    }
  })

  it('go on after both started again', async () => {
    let [alice, bob] = await pair()
    ;[alice, bob] = [await alice.restart(), await bob.restart()]
    expect(alice.sessions.origin).toBe('stored')
    expect(await hear(bob, await say(alice, bob, 'still here'))).toBe('still here')
    expect(await hear(alice, await say(bob, alice, 'me too'))).toBe('me too')
  })

  it('may belong to one account', async () => {
    const owner = identity()
    const [phone, laptop] = [await person({ identity: owner }), await person({ identity: owner })]
    await begin(phone, laptop)
    expect(await hear(laptop, await say(phone, laptop, 'note to self'))).toBe('note to self')
    expect(phone.sessions.devices(phone.sessions.address.account)).toEqual([laptop.sessions.address])
  })

  it('come to one session when both begin at once, and stay with it', async () => {
    const [alice, bob] = [await person(), await person()]
    await begin(alice, bob)
    await begin(bob, alice)
    const crossing = [await say(alice, bob, 'a'), await say(bob, alice, 'b')]
    expect(await hear(bob, crossing[0]!)).toBe('a')
    expect(await hear(alice, crossing[1]!)).toBe('b')
    for (let turn = 0; turn < 4; turn++) {
      const again = [await say(alice, bob, 'c'), await say(bob, alice, 'd')]
      expect(await hear(bob, again[0]!)).toBe('c')
      expect(await hear(alice, again[1]!)).toBe('d')
      // Only a session that nothing came back on carries introductions.
      if (turn > 0) expect(again.map(({ length }) => length)).toEqual([98, 98])
    }
  })

  it('read what was under way on a session when another took its place', async () => {
    const [alice, bob] = await pair()
    const late = [await say(alice, bob, 'late'), await say(bob, alice, 'later')]
    await begin(alice, bob)
    expect(await hear(bob, await say(alice, bob, 'anew'))).toBe('anew')
    expect(await hear(bob, late[0]!)).toBe('late')
    expect(await hear(alice, late[1]!)).toBe('later')
    expect(await hear(alice, await say(bob, alice, 'on the new one'))).toBe('on the new one')
  })
})

describe('what leaves', () => {
  it('has the size that the caller was told, before and after the answer', async () => {
    const [alice, bob] = [await person(), await person()]
    await begin(alice, bob)
    const padded = (overhead: number) => new Uint8Array(4_096 - overhead)
    const first = await alice.sessions.seal(bob.sessions.address, padded)
    expect(first).toHaveLength(4_096)
    await bob.sessions.open(first)
    await hear(alice, await say(bob, alice, 'yes'))
    expect(await alice.sessions.seal(bob.sessions.address, padded)).toHaveLength(4_096)
  })

  it('names neither side, nor links two first messages of one session', async () => {
    const [alice, bob] = [await person(), await person()]
    await begin(alice, bob)
    const messages = [await say(alice, bob, 'one'), await say(alice, bob, 'one')]
    const hex = messages.map(bytesToHex)
    for (const { account, device } of [alice.sessions.address, bob.sessions.address]) {
      expect(hex[0]).not.toContain(account)
      expect(hex[0]).not.toContain(device)
    }
    const same = messages[0]!.filter((byte, at) => byte === messages[1]![at])
    expect(same.length).toBeLessThan(40) // of 1,542; about one in 256
  })

  it('is not stored, nor are names and keys, in the clear', async () => {
    const [alice, bob] = await pair()
    await say(alice, bob, 'a very secret text')
    const all: string[] = []
    for (const key of await alice.storage.keys('')) all.push(key, (await alice.storage.get(key))!.value)
    const text = all.join('\n')
    const { account, device } = bob.sessions.address
    for (const secret of [account, device, 'secret text']) expect(text).not.toContain(secret)
    expect(inspect(alice, { depth: 9 }).length).toBeLessThan(6_000)
  })
})

describe('when it must refuse', () => {
  it('a message that came before, at once, after a restart and after the peer was forgotten', async () => {
    const [alice, bob] = [await person(), await person()]
    await begin(alice, bob)
    const first = await say(alice, bob, 'hello')
    await hear(bob, first)
    const answer = await say(bob, alice, 'yes')
    await hear(alice, answer)
    const later = await say(alice, bob, 'later')
    await hear(bob, later)
    for (const again of [bob, await bob.restart()]) {
      await expect(hear(again, first)).rejects.toMatchObject({ code: 'REPLAYED' })
      await expect(hear(again, later)).rejects.toMatchObject({ code: 'REPLAYED' })
    }
    await expect(hear(alice, answer)).rejects.toMatchObject({ code: 'REPLAYED' })
    await bob.sessions.forget(alice.sessions.address.account)
    for (const again of [bob, await bob.restart()]) {
      await expect(hear(again, first)).rejects.toMatchObject({ code: 'REPLAYED' })
      expect(await hear(again, later)).toBeUndefined()
    }
  })

  it('a message with any byte changed, and then takes the true one', async () => {
    const [alice, bob] = await pair()
    const stranger = await person()
    await begin(stranger, bob)
    for (const message of [await say(alice, bob, 'true'), await say(stranger, bob, 'true')]) {
      const step = message.length > 1_000 ? 41 : 3
      for (let at = 0; at < message.length; at += step) {
        const changed = message.slice()
        changed[at]! ^= 1 << (at % 8)
        const opened = await bob.sessions.open(changed).catch((error: { code: string }) => error.code)
        expect([undefined, 'TAMPERED']).toContain(opened)
      }
      expect(await hear(bob, message)).toBe('true')
    }
  })

  it('a message that was cut off or lengthened', async () => {
    const [alice, bob] = await pair()
    const message = await say(alice, bob, 'whole')
    for (let length = 0; length < message.length; length += 5) {
      const opened = await bob.sessions
        .open(message.subarray(0, length))
        .catch((error: { code: string }) => error.code)
      expect([undefined, 'TAMPERED']).toContain(opened)
    }
    const longer = new Uint8Array([...message, 0])
    await expect(hear(bob, longer)).rejects.toMatchObject({ code: 'TAMPERED' })
    expect(await hear(bob, message)).toBe('whole')
  })

  it('parts of several messages put together', async () => {
    const [alice, bob] = await pair()
    const [one, two] = [await say(alice, bob, 'one'), await say(alice, bob, 'two')]
    for (const at of [1, 17, 25, 81]) {
      const mixed = new Uint8Array([...one.subarray(0, at), ...two.subarray(at)])
      if (at === 1) continue
      const opened = await bob.sessions.open(mixed).catch((error: { code: string }) => error.code)
      expect([undefined, 'TAMPERED']).toContain(opened)
    }
    const stranger = await person()
    await begin(stranger, bob)
    const [first, second] = [await say(stranger, bob, 'first'), await say(stranger, bob, 'second')]
    const swapped = new Uint8Array([...first.subarray(0, -103), ...second.subarray(-103)])
    expect(swapped).toHaveLength(second.length - 1)
    const opened = await bob.sessions.open(swapped).catch((error: { code: string }) => error.code)
    expect([undefined, 'TAMPERED']).toContain(opened)
  })

  it('a message of another session, or for somebody else', async () => {
    const [alice, bob] = await pair()
    const carol = await person()
    await begin(alice, carol)
    const first = await say(alice, carol, 'for Carol')
    expect(await hear(bob, first)).toBeUndefined()
    await hear(carol, first)
    await hear(alice, await say(carol, alice, 'yes'))
    const later = await say(alice, carol, 'for Carol')
    expect(await hear(bob, later)).toBeUndefined()
    expect(await hear(alice, later)).toBeUndefined()
    expect(await hear(carol, later)).toBe('for Carol')
  })

  it('to encrypt without a session, or for its own device', async () => {
    const [alice, bob] = [await person(), await person()]
    await expect(say(alice, bob, 'nobody there')).rejects.toMatchObject({ code: 'NO_SESSION' })
    await expect(begin(alice, alice)).rejects.toMatchObject({ code: 'BAD_BUNDLE' })
  })

  it('a bundle of another account', async () => {
    const [alice, bob, carol] = [await person(), await person(), await person()]
    const bundle = await carol.sessions.bundle()
    const start = alice.sessions.start(bob.sessions.address.account, bundle)
    await expect(start).rejects.toMatchObject({ code: 'WRONG_ACCOUNT' })
  })

  it('an account that claims the device of another (unknown key share)', async () => {
    const [alice, bob] = [await person(), await person()]
    const mallory = identity()
    const signing = ed25519.keygen()
    const theirs = peekCard(bob.sessions.card()).keys
    const card = await makeCard(mallory, { signing: signing.publicKey, device: theirs.device }, NOW)
    const offered = await openBundle(await bob.sessions.bundle())
    const bundle = await makeBundle({ ...offered, card }, (message) =>
      ed25519.sign(message, signing.secretKey),
    )
    const to = await alice.sessions.start(bytesToHex(mallory.publicKey), bundle)
    const message = await alice.sessions.seal(to, new TextEncoder().encode('for Mallory'))
    await expect(hear(bob, message)).rejects.toMatchObject({ code: 'TAMPERED' })
  })

  it('options that make no sense, and calls after its end', async () => {
    const given = { storage: memoryStore(), storageKey: new Uint8Array(32), scope: 'x', identity: identity() }
    for (const wrong of [{ storageKey: new Uint8Array(31) }, { oneTimeKeys: 0 }, { oneTimeKeys: 51 }])
      await expect(createSessions({ ...given, ...wrong })).rejects.toMatchObject({ code: 'BAD_OPTION' })
    const sessions = await createSessions(given)
    await sessions.close()
    await expect(sessions.bundle()).rejects.toMatchObject({ code: 'CLOSED' })
    const another = createSessions({ ...given, identity: identity() })
    await expect(another).rejects.toMatchObject({ detail: { code: 'BAD_OPTION', option: 'identity' } })
    const wrongKey = createSessions({ ...given, storageKey: new Uint8Array(32).fill(1) })
    await expect(wrongKey).rejects.toMatchObject({ code: 'DAMAGED' })
  })
})

describe('cards and bundles', () => {
  it('say whose they are', async () => {
    const { sessions } = await person()
    const { address } = sessions
    expect(await readCard(sessions.card())).toEqual({ address, issuedAt: NOW })
    const bundle = await readBundle(await sessions.bundle())
    expect(bundle).toEqual({ address, issuedAt: NOW, madeAt: NOW, oneTimeKeys: 2 })
  })

  it('fit into 16 kB with ten one-time prekeys', async () => {
    const { sessions } = await person({ oneTimeKeys: 10 })
    expect((await sessions.bundle()).length).toBe(13_655)
  })

  it('are refused with any byte changed', async () => {
    const { sessions } = await person()
    const [card, bundle] = [sessions.card(), await sessions.bundle()]
    for (let at = 0; at < card.length; at += 7) {
      const changed = card.slice()
      changed[at]! ^= 1 << (at % 8)
      await expect(readCard(changed)).rejects.toMatchObject({ code: 'BAD_CARD' })
    }
    for (let at = 0; at < bundle.length; at += 101) {
      const changed = bundle.slice()
      changed[at]! ^= 1 << (at % 8)
      const refused = { code: expect.stringMatching(/^BAD_(CARD|BUNDLE)$/) }
      await expect(readBundle(changed)).rejects.toMatchObject(refused)
    }
  })
})
