import { readFile } from 'node:fs/promises'
import { type NetworkKey, ProofError, readNetworkKey } from '@teahouse/protocol/rln'
import { DataError } from '../files.ts'
import type { RlnConfig } from './config.ts'

/**
 * The key that this network's proofs are verified with: the file that the configuration names, else the committed one.
 * A node with an identity of its own needs the committed one, since that is what it can prove for.
 * @throws ProofError BAD_VERIFYING_KEY, BAD_POINT or WRONG_KEY; DataError when the file can't be read or is no JSON.
 */
export async function loadNetworkKey(
  { verificationKeyFile: path, verificationKeyId, identityFile }: RlnConfig,
  committed: NetworkKey,
): Promise<NetworkKey> {
  const json = path === undefined ? committed.verificationKey : await readJson(path)
  const key = readNetworkKey(json, verificationKeyId)
  if (identityFile === undefined || key.id === committed.id) return key
  const detail = { code: 'WRONG_KEY', expected: committed.id, actual: key.id } as const
  const advice = 'Leave out "rln.identityFile": this node has no proving key for the network'
  throw new ProofError(`${advice}, whose verification key is ${key.id}`, detail)
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new DataError(
      `Can't read the verification key ${path}.`,
      { code: 'DATA_UNREADABLE', path },
      { cause },
    )
  })
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new DataError(`${path} holds no JSON.`, { code: 'DATA_CORRUPT', path }, { cause })
  }
}
