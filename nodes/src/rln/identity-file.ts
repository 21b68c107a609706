import { open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { FIELD, identityFromSecret, type Identity } from '@teahouse/protocol/rln'
import { DataError } from '../chain/guard.ts'

const IdentityFile = z.strictObject({
  secret: z.string().regex(/^0x[0-9a-f]{1,64}$/),
  rateLimit: z.int().min(1).max(65_535),
  /** Present until a node first opens its counter for this identity: nobody has used it before. */
  unused: z.literal(true).optional(),
})

/** The node's own membership as its file tells it. */
export interface NodeIdentity extends Identity {
  readonly rateLimit: number
  readonly unused: boolean
}

/** Makes a new identity from 64 random bytes, so that its bias against the field's order is negligible. */
export function newIdentity(): Identity {
  return identityFromSecret((BigInt(`0x${randomBytes(64).toString('hex')}`) % (FIELD - 1n)) + 1n)
}

/** Reads an identity file. @throws DataError when it can't be read or is damaged. */
export async function readIdentity(path: string): Promise<NodeIdentity> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new DataError(`Can't read the identity file ${path}.`, { code: 'DATA_UNREADABLE', path }, { cause })
  })
  try {
    const { secret, rateLimit, unused } = IdentityFile.parse(JSON.parse(text))
    return { ...identityFromSecret(BigInt(secret)), rateLimit, unused: unused === true }
  } catch (cause) {
    throw new DataError(
      `The identity file ${path} is damaged; restore it.`,
      { code: 'DATA_CORRUPT', path },
      { cause },
    )
  }
}

/** Writes an identity file readable by its owner only, whole or not at all. */
export async function writeIdentity(
  path: string,
  { secret, rateLimit, unused }: Pick<NodeIdentity, 'secret' | 'rateLimit' | 'unused'>,
): Promise<void> {
  const content = { secret: `0x${secret.toString(16)}`, rateLimit, ...(unused ? { unused: true } : {}) }
  await writeSecretFile(path, `${JSON.stringify(content)}\n`)
}

/** Writes a file of mode 0600 beside its place, syncs it and its folder, and moves it there. */
export async function writeSecretFile(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `.${randomBytes(6).toString('hex')}.tmp`)
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
  const folder = await open(dirname(path), 'r')
  await folder.sync().finally(() => folder.close())
}
