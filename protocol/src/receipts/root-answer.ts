import { type Address, bytesToHex, type Hex, hexToBytes, isAddressEqual, numberToHex, zeroHash } from 'viem'
import {
  type AbsenceProof,
  decode,
  type PresenceProof,
  RootRequest,
  RootResponse,
  type SaidRoot,
} from '../wire/index.ts'
import { type Absence, isAbsent, isPresent, type Presence } from './archive.ts'
import { type ArchiveHour, type ArchiveRoot, recoverArchiveRootSigner } from './archive-statements.ts'
import { ReceiptError } from './errors.ts'

/** A root with the signature of the node key, as a court takes both. */
export interface SignedArchiveRoot extends ArchiveRoot {
  readonly signature: Hex
}

/** What a node answers on `/teahouse/root/1`: what it said of an hour, and about one hash at most one of the proofs. */
export interface RootAnswer {
  readonly root: SignedArchiveRoot
  readonly presence?: Presence | undefined
  readonly absence?: Absence | undefined
}

/** What was asked, and of whom. */
export interface RootQuestion extends ArchiveHour {
  readonly court: Address
  readonly chainId: number
  /** Address of the operator's node key. */
  readonly node: Address
  readonly messageHash?: Hex | undefined
}

/** Status codes of `/teahouse/root/1`. */
export const ROOT_STATUS = {
  ok: 200,
  badRequest: 400,
  /** The node said nothing of this hour: not yet, or never. */
  notFound: 404,
  /** It did, but has the hashes no more. */
  gone: 410,
  tooManyRequests: 429,
  unavailable: 503,
} as const

/** Largest request and answer, in bytes: a tree of 2³² leaves has paths of 32 hashes. */
export const MAX_ROOT_REQUEST_BYTES = 128
export const MAX_ROOT_ANSWER_BYTES = 4_096
const MAX_PATH = 32

/** The request for an hour of one shard, with a proof about `messageHash` if there is one. */
export function encodeRootRequest(
  shard: number,
  hour: bigint,
  messageHash?: Hex,
  requestId = '',
): Uint8Array {
  const hash = messageHash === undefined ? {} : { messageHash: hexToBytes(messageHash) }
  return RootRequest.encode({ requestId, shard, hour, ...hash })
}

/** The fields of a RootResponse that say `answer`. */
export function encodeRootAnswer({ root, presence, absence }: RootAnswer): Partial<RootResponse> {
  const { operator, cluster, shard, hour, count, liability, signature } = root
  const said: SaidRoot = {
    ...{ operator, cluster, shard, hour, count },
    root: hexToBytes(root.root),
    liability: liability === 0n ? new Uint8Array() : hexToBytes(numberToHex(liability)),
    signature: hexToBytes(signature),
  }
  return {
    root: said,
    ...(presence && {
      presence: { index: presence.index, path: presence.path.map((node) => hexToBytes(node)) },
    }),
    ...(absence && { absence: encodeAbsence(absence, root.count) }),
  }
}

function encodeAbsence({ index, left, leftPath, right, rightPath }: Absence, count: number): AbsenceProof {
  return {
    index,
    leftPath: leftPath.map((node) => hexToBytes(node)),
    rightPath: rightPath.map((node) => hexToBytes(node)),
    ...(index > 0 && { left: hexToBytes(left) }),
    ...(index < count && { right: hexToBytes(right) }),
  }
}

/**
 * Reads the bytes of a RootResponse; nothing is believed of it yet (`checkRootAnswer`). Throws ReceiptError REFUSED for an answer with
 * another status than 200, BAD_ANSWER for one that can't be, WireError MALFORMED for bytes that are none.
 */
export function decodeRootAnswer(bytes: Uint8Array): RootAnswer {
  const paths = { presence: { path: MAX_PATH }, absence: { leftPath: MAX_PATH, rightPath: MAX_PATH } }
  const response = decode(RootResponse, bytes, paths)
  const { statusCode: status, statusDesc: description = '', root, presence, absence } = response
  if (status !== ROOT_STATUS.ok) {
    const detail = { code: 'REFUSED', status, description } as const
    throw new ReceiptError(`The node refused (${status}): ${description}`, detail)
  }
  if (root === undefined) throw badAnswer('it has no root')
  return {
    root: readRoot(root),
    ...(presence && { presence: readPresence(presence) }),
    ...(absence && { absence: readAbsence(absence) }),
  }
}

function readRoot({ liability, root, signature, ...said }: SaidRoot): SignedArchiveRoot {
  if (liability.length > 16) throw badAnswer('its liability does not fit 128 bits')
  return {
    ...said,
    root: hexOf('root', root, 32),
    liability: liability.length === 0 ? 0n : BigInt(bytesToHex(liability)),
    signature: hexOf('signature', signature, 65),
  }
}

const readPresence = ({ index, path }: PresenceProof): Presence => ({ index, path: readPath(path) })

function readAbsence({ index, left, leftPath, right, rightPath }: AbsenceProof): Absence {
  return {
    index,
    left: left === undefined ? zeroHash : hexOf('left neighbour', left, 32),
    leftPath: readPath(leftPath),
    right: right === undefined ? zeroHash : hexOf('right neighbour', right, 32),
    rightPath: readPath(rightPath),
  }
}

const readPath = (path: readonly Uint8Array[]): Hex[] => path.map((node) => hexOf('node of a path', node, 32))

function hexOf(name: string, bytes: Uint8Array, length: number): Hex {
  if (bytes.length !== length) throw badAnswer(`its ${name} has not ${length} bytes`)
  return bytesToHex(bytes)
}

/**
 * Checks an answer against what was asked: hour, signer, and the proof about the hash. Gives whether the hash is in the root, or
 * undefined if none was asked for. What passes convicts the node if it contradicts another root of the hour, or a message receipt. Throws
 * ReceiptError BAD_ANSWER, BAD_SIGNATURE, OUT_OF_RANGE.
 */
export async function checkRootAnswer(
  question: RootQuestion,
  { root, presence, absence }: RootAnswer,
): Promise<'present' | 'absent' | undefined> {
  const { court, chainId, node, messageHash } = question
  for (const field of ['operator', 'cluster', 'shard', 'hour'] as const)
    if (root[field] !== question[field]) throw badAnswer(`it is about another ${field}`)
  if ((root.count === 0) !== (root.root === zeroHash)) throw badAnswer('its count does not fit its root')
  const { signature, ...said } = root
  const signer = await recoverArchiveRootSigner(court, chainId, said, signature)
  if (!isAddressEqual(signer, node)) throw badAnswer('another key signed it')
  if (messageHash === undefined) return undefined
  if ((presence === undefined) === (absence === undefined)) throw badAnswer('it has not exactly one proof')
  const holds = presence
    ? isPresent(root.root, root.count, messageHash, presence)
    : isAbsent(root.root, root.count, messageHash, absence!)
  if (!holds) throw badAnswer('its proof does not hold')
  return presence ? 'present' : 'absent'
}

function badAnswer(what: string): ReceiptError {
  return new ReceiptError(`The answer can't be used: ${what}`, { code: 'BAD_ANSWER', what })
}
