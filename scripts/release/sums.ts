import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ReleaseError } from './errors.ts'

const SUMS = 'SHA256SUMS'
/** Ed25519 (RFC 8032) over the bytes of {@link SUMS}, raw: `openssl pkeyutl -verify -rawin` takes it too. */
const SIGNATURE = 'SHA256SUMS.sig'

/** Writes the sums of all files of a folder in the form of `sha256sum`, signed if there is a key. Throws ReleaseError KEY_UNUSABLE. */
export async function writeSums(folder: string, keyFile?: string): Promise<void> {
  const sums = Buffer.from(await sumsOf(folder))
  const key = keyFile === undefined ? undefined : await readKey(keyFile, createPrivateKey)
  await writeFile(join(folder, SUMS), sums)
  if (key) await writeFile(join(folder, SIGNATURE), sign(null, sums, key))
}

/**
 * Checks the signature of a release by the public key in a file, and every file by its sum. Throws ReleaseError NOT_SIGNED, BAD_SIGNATURE, BAD_SUM,
 * NOT_NAMED for a file that the sums do not name, KEY_UNUSABLE.
 */
export async function verifyRelease(folder: string, keyFile: string): Promise<void> {
  const key = await readKey(keyFile, createPublicKey)
  const [sums, signature] = await Promise.all(
    [SUMS, SIGNATURE].map((name) => readFile(join(folder, name)).catch(() => undefined)),
  )
  if (!sums || !signature) throw new ReleaseError('The release is not signed', { code: 'NOT_SIGNED', folder })
  if (!verify(null, sums, key, signature))
    throw new ReleaseError('The signature is not of this key, or not of these sums', {
      code: 'BAD_SIGNATURE',
      folder,
    })
  const said = namesIn(sums.toString())
  const found = namesIn(await sumsOf(folder))
  for (const [file, sum] of said)
    if (found.get(file) !== sum)
      throw new ReleaseError(`${file} is not the file that was released`, { code: 'BAD_SUM', file })
  for (const file of found.keys())
    if (!said.has(file))
      throw new ReleaseError(`${file} is no part of the release`, { code: 'NOT_NAMED', file })
}

async function sumsOf(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => name !== SUMS && name !== SIGNATURE).sort()
  const lines = names.map(async (name) => {
    const digest = createHash('sha256').update(await readFile(join(folder, name)))
    return `${digest.digest('hex')}  ${name}\n`
  })
  return (await Promise.all(lines)).join('')
}

const namesIn = (sums: string) =>
  new Map([...sums.matchAll(/^([0-9a-f]{64}) {2}(.+)$/gm)].map(([, sum, file]) => [file!, sum!]))

async function readKey(path: string, read: (pem: string) => KeyObject): Promise<KeyObject> {
  const fault = (cause?: unknown) =>
    new ReleaseError(`${path} holds no Ed25519 key in PEM`, { code: 'KEY_UNUSABLE', path }, { cause })
  const key = await readFile(path, 'utf8')
    .then(read)
    .catch((cause: unknown) => {
      throw fault(cause)
    })
  if (key.asymmetricKeyType !== 'ed25519') throw fault()
  return key
}
