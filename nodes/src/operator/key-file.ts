import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import { peerIdFromPublicKey, peerIdFromString } from '@libp2p/peer-id'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { generatePrivateKey, privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts'
import { hexToBytes, type Hex } from 'viem'
import { DataError, writeSecretFile } from '../files.ts'

/** The node key: its libp2p identity and its Ethereum account in one. */
export interface NodeKey {
  readonly privateKey: Hex
  readonly account: PrivateKeyAccount
}

/** Opens an encrypted key file, given its text. It asks for a passphrase, so it is no matter of the node. */
export type OpenKey = (keystore: string) => Promise<Hex>

/**
 * Reads a node key: 64 hex digits, with or without 0x, or a keystore that `open` opens. @throws DataError when it can't be read, is no key, or
 * is encrypted and nobody opens it; what `open` throws.
 */
export async function readNodeKey(path: string, open?: OpenKey): Promise<NodeKey> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new DataError(`Can't read the node key ${path}.`, { code: 'DATA_UNREADABLE', path }, { cause })
  })
  if (text.trimStart().startsWith('{')) {
    if (open) return nodeKey(await open(text))
    const message = `The node key ${path} is encrypted: start the node with \`teahouse node run\`, which opens it.`
    throw new DataError(message, { code: 'KEY_ENCRYPTED', path })
  }
  try {
    return nodeKey(`0x${/^(?:0x)?([0-9a-fA-F]{64})\s*$/.exec(text)![1]!}`)
  } catch {
    // The cause is left out: it may quote the key.
    throw new DataError(`${path} holds no node key (64 hex digits).`, { code: 'DATA_CORRUPT', path })
  }
}

const nodeKey = (privateKey: Hex): NodeKey => ({ privateKey, account: privateKeyToAccount(privateKey) })

/** A new node key. */
export const newNodeKey = (): NodeKey => nodeKey(generatePrivateKey())

/** The peer id of a node key, as text. */
export function peerIdOfKey({ account }: Pick<NodeKey, 'account'>): string {
  const raw = secp256k1.Point.fromBytes(hexToBytes(account.publicKey)).toBytes(true)
  return peerIdFromPublicKey(publicKeyFromRaw(raw)).toString()
}

/** A peer id as the registry has it: multihash bytes. */
export const peerIdBytes = (peerId: string): Uint8Array => peerIdFromString(peerId).toMultihash().bytes

/** Reads the node key, or makes a new one in a file of mode 0600. */
export async function ensureNodeKey(path: string): Promise<NodeKey> {
  if (!existsSync(path)) {
    await mkdir(dirname(path), { recursive: true })
    await writeSecretFile(path, `${generatePrivateKey()}\n`)
  }
  return await readNodeKey(path)
}
