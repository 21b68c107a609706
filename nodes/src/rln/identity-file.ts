import { readFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { FIELD, identityFromSecret, type Identity } from '@teahouse/protocol/rln'
import { DataError, writeSecretFile } from '../files.ts'

const IdentityFile = z.strictObject({
  secret: z.string().regex(/^0x[0-9a-f]{1,64}$/),
  rateLimit: z.int().min(1).max(65_535),
  /** Present until a node first opens its counter for this identity: nobody has used it before. */
  unused: z.literal(true).optional(),
  /** Names the one counter that may hand out ids of this identity. */
  instance: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  /** Written by an operator who knows that no other node uses this identity: the next start takes it over. */
  adopt: z.literal(true).optional(),
})

/** The node's own membership as its file tells it. */
export interface NodeIdentity extends Identity {
  readonly rateLimit: number
  readonly unused: boolean
  readonly instance: string | undefined
  readonly adopt: boolean
}

type Written = Pick<NodeIdentity, 'secret' | 'rateLimit'> & Partial<Pick<NodeIdentity, 'unused' | 'instance'>>

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
    const { secret, rateLimit, unused, instance, adopt } = IdentityFile.parse(JSON.parse(text))
    const identity = identityFromSecret(BigInt(secret))
    return { ...identity, rateLimit, unused: unused === true, instance, adopt: adopt === true }
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
  { secret, rateLimit, unused, instance }: Written,
): Promise<void> {
  const content = {
    secret: `0x${secret.toString(16)}`,
    rateLimit,
    ...(unused ? { unused: true } : {}),
    ...(instance === undefined ? {} : { instance }),
  }
  await writeSecretFile(path, `${JSON.stringify(content)}\n`)
}
