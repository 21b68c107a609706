import { readFile } from 'node:fs/promises'
import type { Multiaddr } from '@multiformats/multiaddr'
import {
  encodeEnr,
  enrFromText,
  enrToText,
  shardsPair,
  WireError,
  type RecordShards,
} from '@teahouse/protocol/wire'
import { DataError, writeSecretFile } from '../files.ts'
import { addressPairs } from './record-addresses.ts'

/** This node's own record. */
export interface OwnRecord {
  /** The encoded record for these addresses; one that differs from the last has a higher number, on disk before it is told. */
  current(addresses: readonly Multiaddr[]): Promise<Uint8Array>
}

export interface OwnRecordDeps {
  /** The file that holds the last record, as text; it need not be there. */
  readonly path: string
  /** The node key, 32 bytes. */
  readonly privateKey: Uint8Array
  readonly network: RecordShards
  /** What the node offers at present, as the bits of `waku2`. */
  readonly capabilities: () => number
  /** Milliseconds since 1970: where the numbers begin, so that they grow also when the file was lost. */
  readonly now: () => number
}

/** Opens the node's record. @throws DataError. */
export async function openOwnRecord(deps: OwnRecordDeps): Promise<OwnRecord> {
  const { path, privateKey, network, capabilities, now } = deps
  const found = await read(path)
  let seq = found?.seq ?? 0n
  let last = found?.bytes
  /** What the last record of this process tells. */
  let lastTold: string | undefined
  let writing: Promise<unknown> = Promise.resolve()

  async function renew(addresses: readonly Multiaddr[]): Promise<Uint8Array> {
    const told = [capabilities(), ...addresses].join(' ')
    if (last && (told === lastTold || Buffer.compare(encode(seq, addresses), last) === 0)) {
      lastTold = told
      return last
    }
    const next = seq === 0n ? BigInt(now()) : seq + 1n
    const bytes = encode(next, addresses)
    await writeSecretFile(path, `${enrToText(bytes)}\n`)
    seq = next
    last = bytes
    lastTold = told
    return bytes
  }

  /** As many addresses as fit. Signatures are deterministic, so the same content is the same bytes. */
  function encode(number: bigint, addresses: readonly Multiaddr[]): Uint8Array {
    for (let most = addresses.length; ; most--) {
      const pairs = new Map([
        ...addressPairs(addresses, most),
        shardsPair(network),
        ['waku2', Uint8Array.of(capabilities())] as const,
      ])
      try {
        return encodeEnr({ seq: number, pairs }, privateKey)
      } catch (err) {
        if (most === 0 || !(err instanceof WireError)) throw err
      }
    }
  }

  return {
    current(addresses) {
      const renewed = writing.then(() => renew(addresses))
      writing = renewed.catch(() => undefined)
      return renewed
    },
  }
}

async function read(path: string): Promise<{ seq: bigint; bytes: Uint8Array } | undefined> {
  try {
    const text = (await readFile(path, 'utf8')).trim()
    const { seq } = enrFromText(text)
    return { seq, bytes: new Uint8Array(Buffer.from(text.slice('enr:'.length), 'base64url')) }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new DataError(
      `${path} holds no node record. Correct or remove it.`,
      { code: 'DATA_CORRUPT', path },
      { cause },
    )
  }
}
