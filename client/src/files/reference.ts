import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import type { Hex } from 'viem'
import { readLink, writeLink } from '../link.ts'
import { reader, writer } from '../secure/bytes.ts'
import { FileError } from './errors.ts'
import { MAX_FILE_BYTES } from './layout.ts'

/** All that it takes to find and open a file. Whoever has it can read the file; nobody else can. */
export interface FileReference {
  /** Bytes. */
  readonly size: number
  /** Address of the chunk that the others hang from. */
  readonly root: Hex
  /** 32 bytes. */
  readonly key: Uint8Array
  /** Ids of the operators that keep it. */
  readonly operators: readonly number[]
}

const LINK = { scheme: 'teahouse:file/', domain: 'teahouse/file-reference/1', version: 1, longest: 512 }
const MAX_OPERATORS = 32

/** The text of a reference: a link of 120 to 300 letters. */
export function writeReference({ size, root, key, operators }: FileReference): string {
  const out = writer()
  out.u48(size)
  out.bytes(hexToBytes(root.slice(2)))
  out.bytes(key)
  for (const operator of operators.slice(0, MAX_OPERATORS)) out.u32(operator)
  return writeLink(LINK, out.done())
}

/** Reads it; spaces and line breaks don't matter. Throws FileError BAD_REFERENCE. */
export function readReference(text: string): FileReference {
  const from = reader(readLink(LINK, text, bad), () => bad('content'))
  const size = from.u48()
  const root: Hex = `0x${bytesToHex(from.bytes(32))}`
  const key = Uint8Array.from(from.bytes(32))
  const rest = from.rest()
  if (size > MAX_FILE_BYTES || rest.length % 4 !== 0 || rest.length > 4 * MAX_OPERATORS) throw bad('content')
  const ids = reader(rest, () => bad('content'))
  return { size, root, key, operators: Array.from({ length: rest.length / 4 }, () => ids.u32()) }
}

const EXPLAINED = {
  format: 'This is not the reference of a file',
  checksum: 'The reference is not whole: copy all of it',
  version: 'A newer release made this reference',
  content: 'The reference holds something that it can not hold',
} as const

const bad = (why: keyof typeof EXPLAINED): FileError =>
  new FileError(EXPLAINED[why], { code: 'BAD_REFERENCE', why })
