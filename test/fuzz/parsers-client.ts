import { ed25519 } from '@noble/curves/ed25519.js'
import { readBlockList, signBlockList } from '../../client/src/chat/block-list.ts'
import { decodeContent, encodeContent } from '../../client/src/chat/content.ts'
import { fileName, mediaType } from '../../client/src/chat/file-name.ts'
import { writeReference } from '../../client/src/files/reference.ts'
import { contactCard, readContactCard } from '../../client/src/chat/card.ts'
import { openBundle, sealBundle } from '../../client/src/chat/bundle-seal.ts'
import { pad, unpad } from '../../client/src/chat/padding.ts'
import { readBundle } from '../../client/src/secure/bundle.ts'
import { readCard } from '../../client/src/secure/card.ts'
import { begin, person, say } from '../../client/src/secure/testing/people.ts'

const { secretKey, publicKey } = ed25519.keygen()
const IDENTITY = { publicKey, sign: (message: Uint8Array) => ed25519.sign(message, secretKey) }
const KEY = new Uint8Array(32).fill(3)

const filled = (length: number, by: number) => new Uint8Array(length).fill(by)

const [ALICE, BOB] = [await person(), await person()]
await begin(ALICE, BOB)
const FIRST_MESSAGE = await say(ALICE, BOB, 'hello')

/** What a client reads of other people. */
export const clientParsers = [
  {
    name: 'file in a conversation',
    takes: 'bytes' as const,
    good: [
      encodeContent({
        ...{ id: 'ab'.repeat(16), sequence: 3, first: 1, sentAt: 1, expiresAfter: 0, acks: [] },
        body: {
          ...({ kind: 'file', name: 'tea.jpg', size: 5, mediaType: 'image/jpeg', until: 9 } as const),
          reference: writeReference({ size: 5, root: `0x${'12'.repeat(32)}`, key: KEY, operators: [1] }),
        },
      }),
    ],
    parse: decodeContent,
  },
  {
    name: 'block list',
    takes: 'bytes' as const,
    good: [await signBlockList(IDENTITY, { name: 'Tea', accounts: ['ab'.repeat(32)], madeAt: 1 })],
    parse: readBlockList,
  },
  { name: 'name of a file', takes: 'text' as const, good: ['tea.jpg', '../a'], parse: fileName },
  { name: 'media type', takes: 'text' as const, good: ['image/jpeg; q=1'], parse: mediaType },
  { name: 'card of a device', takes: 'bytes' as const, good: [ALICE.sessions.card()], parse: readCard },
  {
    name: 'prekey bundle',
    takes: 'bytes' as const,
    good: [await ALICE.sessions.bundle()],
    parse: readBundle,
  },
  {
    name: 'sealed message',
    takes: 'bytes' as const,
    good: [FIRST_MESSAGE, Uint8Array.of(2, ...FIRST_MESSAGE.subarray(-101))],
    parse: (bytes: Uint8Array) => BOB.sessions.open(bytes),
  },
  {
    name: 'published bundle, sealed',
    takes: 'bytes' as const,
    good: [sealBundle(filled(32, 7), filled(40, 1))],
    parse: (bytes: Uint8Array) => openBundle(filled(32, 7), bytes),
  },
  { name: 'padded content', takes: 'bytes' as const, good: [pad(filled(9, 1), 64)], parse: unpad },
  {
    name: 'content of a conversation',
    takes: 'bytes' as const,
    good: [
      encodeContent({
        ...{ id: 'ab'.repeat(16), sequence: 3, first: 1, sentAt: 1, expiresAfter: 0 },
        acks: [{ device: 'cd'.repeat(16), through: 1, beyond: [3] }],
        body: { kind: 'text', text: 'tea' },
      }),
    ],
    parse: decodeContent,
  },
  {
    name: 'card of a contact',
    takes: 'text' as const,
    good: [contactCard(filled(32, 7))],
    parse: readContactCard,
  },
]
