import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import type { Hex, LocalAccount } from 'viem'
import { DataError, writeSecretFile } from '../files.ts'

/** The node key: its libp2p identity and its Ethereum account in one. */
export interface NodeKey {
  readonly privateKey: Hex
  readonly account: LocalAccount
}

/** Reads a node key: 64 hex digits, with or without 0x. @throws DataError when it can't be read or is no key. */
export async function readNodeKey(path: string): Promise<NodeKey> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new DataError(`Can't read the node key ${path}.`, { code: 'DATA_UNREADABLE', path }, { cause })
  })
  try {
    const privateKey = `0x${/^(?:0x)?([0-9a-fA-F]{64})\s*$/.exec(text)![1]!}` as const
    return { privateKey, account: privateKeyToAccount(privateKey) }
  } catch {
    // The cause is left out: it may quote the key.
    throw new DataError(`${path} holds no node key (64 hex digits).`, { code: 'DATA_CORRUPT', path })
  }
}

/** Reads the node key, or makes a new one in a file of mode 0600. */
export async function ensureNodeKey(path: string): Promise<NodeKey> {
  if (!existsSync(path)) {
    await mkdir(dirname(path), { recursive: true })
    await writeSecretFile(path, `${generatePrivateKey()}\n`)
  }
  return await readNodeKey(path)
}
