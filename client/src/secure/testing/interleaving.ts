import fc from 'fast-check'
import { expect } from 'vitest'
import { begin, hear, person, say, type Person } from './people.ts'

/** One thing that happens; numbers choose among what there is at that moment. */
type Event =
  | { readonly kind: 'send' | 'restart' | 'begin'; readonly side: 0 | 1 }
  | { readonly kind: 'repeat' | 'deliver' | 'lose'; readonly which: number }

const side = fc.constantFrom(0 as const, 1 as const)
const number = fc.nat(1_000)

/** What a network does: it delays, reorders, repeats and loses; devices stop and start, and begin anew. */
export const events = (maxLength: number): fc.Arbitrary<Event[]> =>
  fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('send' as const), side }) },
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('deliver' as const), which: number }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('repeat' as const), which: number }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose' as const), which: number }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), side }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('begin' as const), side }) },
    ),
    { maxLength },
  )

interface Letter {
  readonly to: 0 | 1
  readonly text: string
  readonly bytes: Uint8Array
}

/** Sessions with a device that are kept; one that was pushed out can't be read. */
const MAX_BEGINNINGS = 4
/** Bytes that a message takes without an introduction and without content. */
const BARE_BYTES = 97

/** Lets events happen to two devices, and checks after each that what arrives is read as it was sent, and once. */
export async function happen(happening: readonly Event[]): Promise<void> {
  const people = [await person(), await person()] as [Person, Person]
  const underWay: Letter[] = []
  const read: Letter[] = []
  let beginnings = 0
  let count = 0

  async function start(from: 0 | 1): Promise<void> {
    if (beginnings++ < MAX_BEGINNINGS) await begin(people[from], people[1 - from]!)
  }

  async function send(from: 0 | 1): Promise<Letter> {
    const to = (1 - from) as 0 | 1
    if (people[from].sessions.state(people[to].sessions.address) === 'none')
      await begin(people[from], people[to])
    const text = `letter ${count++}`
    return { to, text, bytes: await say(people[from], people[to], text) }
  }

  async function deliver(letter: Letter): Promise<void> {
    expect(await hear(people[letter.to], letter.bytes)).toBe(letter.text)
    read.push(letter)
  }

  async function repeat({ to, bytes }: Letter): Promise<void> {
    const again = await hear(people[to], bytes).catch((error: { code: string }) => error.code)
    expect([undefined, 'REPLAYED']).toContain(again)
  }

  async function act(kind: 'send' | 'restart' | 'begin', who: 0 | 1): Promise<void> {
    if (kind === 'send') underWay.push(await send(who))
    else if (kind === 'begin') await start(who)
    else people[who] = await people[who].restart()
  }

  async function carry(kind: 'deliver' | 'repeat' | 'lose', which: number): Promise<void> {
    if (kind === 'repeat') return read.length > 0 ? repeat(read[which % read.length]!) : undefined
    const letter = underWay.splice(which % Math.max(1, underWay.length), 1)[0]
    if (letter && kind === 'deliver') await deliver(letter)
  }

  for (const event of happening) {
    if ('side' in event) await act(event.kind, event.side)
    else await carry(event.kind, event.which)
  }
  for (const letter of underWay) await deliver(letter)
  for (const letter of read) await repeat(letter)
  await expectOneSession(send, deliver)
}

/** Whatever happened: after three messages each way, both send on a session that both have confirmed. */
async function expectOneSession(
  send: (from: 0 | 1) => Promise<Letter>,
  deliver: (letter: Letter) => Promise<void>,
): Promise<void> {
  for (const round of [0, 1, 2]) {
    for (const from of [0, 1] as const) {
      const letter = await send(from)
      if (round === 2) expect(letter.bytes).toHaveLength(BARE_BYTES + letter.text.length)
      await deliver(letter)
    }
  }
}
