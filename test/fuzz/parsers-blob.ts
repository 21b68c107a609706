import { numberToHex } from 'viem'
import { readReference, writeReference } from '../../client/src/files/reference.ts'
import { openChunk, sealChunk } from '../../client/src/files/seal.ts'
import {
  decodeBlobAnswer,
  decodeBlobRequest,
  encodeBlobAnswer,
  encodeBlobRequest,
} from '@teahouse/protocol/blob'
import type { Parser } from './parsers.ts'

const ROOT = numberToHex(7, { size: 32 })
const KEY = new Uint8Array(32).fill(3)
const PLACE = { level: 0, index: 0 }

/** What is read of blobs and files. */
export const blobParsers: Parser[] = [
  {
    name: 'request for a blob',
    takes: 'bytes',
    good: [
      encodeBlobRequest({ ask: 'put', data: KEY, until: 5, client: numberToHex(7, { size: 20 }) }),
      encodeBlobRequest({ ask: 'stat', roots: [ROOT, ROOT] }),
    ],
    parse: decodeBlobRequest,
  },
  {
    name: 'answer about a blob',
    takes: 'bytes',
    good: [
      encodeBlobAnswer({
        ...{ status: 200, description: 'OK', until: 5, data: KEY, ends: [1, 0] },
        receipt: {
          receipt: {
            ...{ operator: 1, client: numberToHex(7, { size: 20 }), root: ROOT, size: 5n, from: 1, until: 2 },
            ...{ liability: 9n, slot: 0 },
          },
          signature: `0x${'11'.repeat(65)}`,
        },
      }),
    ],
    parse: decodeBlobAnswer,
  },
  {
    name: 'chunk of a file',
    takes: 'bytes',
    good: [sealChunk(KEY, PLACE, KEY).subarray(0, 300)],
    parse: (bytes) => openChunk(KEY, PLACE, bytes),
  },
  {
    name: 'reference of a file',
    takes: 'text',
    good: [writeReference({ size: 5, root: ROOT, key: KEY, operators: [1, 2] })],
    parse: readReference,
  },
]
