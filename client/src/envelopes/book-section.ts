import type { SealedPart } from '../account/backup/sealed-section.ts'
import { parse, serialize } from '../chat/record.ts'
import { MADE, OPENED, type MadeEnvelope, type OpenedEnvelope } from './book.ts'
import { encodeEnvelope } from './content.ts'

/** Envelopes that an account made and opened: who got which share, and greetings, are on no chain. */
export const envelopePart: SealedPart = {
  ...{ name: 'envelopes', version: 1, folders: [MADE, OPENED] },
  scopeOf: (scopes) => `envelopes/${scopes.envelopes}`,
  check(name, text) {
    if (name.startsWith(OPENED)) {
      if (!/^0x[0-9a-fA-F]{40}$/.test(parse<OpenedEnvelope>(text).recipient))
        throw new RangeError('An envelope was opened for nobody')
      return
    }
    const { id, content, handedOut } = parse<MadeEnvelope>(text)
    if (name !== MADE + id) throw new RangeError('An envelope stands under the name of another')
    for (const one of [content, ...handedOut.map((given) => given.content)]) encodeEnvelope(one)
  },
  merge: (name, mine, theirs) =>
    name.startsWith(OPENED)
      ? serialize(furtherOpened(parse<OpenedEnvelope>(mine), parse<OpenedEnvelope>(theirs)))
      : serialize(furtherMade(parse<MadeEnvelope>(mine), parse<MadeEnvelope>(theirs))),
}

const furtherOpened = (mine: OpenedEnvelope, theirs: OpenedEnvelope): OpenedEnvelope =>
  mine.hash === undefined && theirs.hash !== undefined ? theirs : mine

/** Nothing that was sent, made or told goes back to not having been. */
const furtherMade = (mine: MadeEnvelope, theirs: MadeEnvelope): MadeEnvelope => ({
  ...mine,
  state: theirs.state === 'made' ? 'made' : mine.state,
  reported: mine.reported || theirs.reported,
  handedOut: mine.handedOut.map((one, at) => ({
    ...one,
    sent: one.sent || theirs.handedOut[at]?.sent === true,
  })),
})
