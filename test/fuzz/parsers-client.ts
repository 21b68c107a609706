import { ed25519 } from '@noble/curves/ed25519.js'
import { readBlockList, signBlockList } from '../../client/src/chat/block-list.ts'
import { decodeContent, encodeContent } from '../../client/src/chat/content.ts'
import { fileName, mediaType } from '../../client/src/chat/file-name.ts'
import { writeReference } from '../../client/src/files/reference.ts'

const { secretKey, publicKey } = ed25519.keygen()
const IDENTITY = { publicKey, sign: (message: Uint8Array) => ed25519.sign(message, secretKey) }
const KEY = new Uint8Array(32).fill(3)

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
]
