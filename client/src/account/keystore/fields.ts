import { hexToBytes } from '@noble/hashes/utils.js'
import * as z from 'zod/mini'
import { fromBase64Url } from '../text.ts'
import { KeystoreError, type KeystoreKind } from './errors.ts'

/** No keystore that we read is longer, in characters. */
const LONGEST = 64 * 1024

/** Hex of `bytes` bytes; of at most 8 KiB if it doesn't say. */
export const hexField = (bytes?: number) =>
  z.pipe(
    z.string().check(
      z.regex(/^([0-9a-fA-F]{2}){1,8192}$/),
      z.refine((text) => bytes === undefined || text.length === 2 * bytes),
    ),
    z.transform((text) => hexToBytes(text)),
  )

/** Base64url of `min` to `max` bytes. */
export const base64Field = (min: number, max = min) =>
  z.pipe(
    z.string().check(z.maxLength(2 * max + 8)),
    z.transform((text, context) => {
      const bytes = fromBase64Url(text)
      if (bytes && bytes.length >= min && bytes.length <= max) return bytes
      context.issues.push({ code: 'custom', message: 'not base64url of the right length', input: text })
      return z.NEVER
    }),
  )

/** Parses JSON by a schema. Throws KeystoreError BAD_KEYSTORE, which names the field and repeats nothing of the file. */
export function readKeystore<T extends z.ZodMiniType>(
  kind: KeystoreKind,
  schema: T,
  text: string,
): z.output<T> {
  const bad = (field: string) =>
    new KeystoreError(`This is not a valid ${kind}: ${field}`, { code: 'BAD_KEYSTORE', kind, field })
  if (text.length > LONGEST) throw bad('it is too long')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw bad('it is no JSON')
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const path = parsed.error.issues[0]?.path ?? []
  throw bad(path.every((part) => /^[\w-]{1,32}$/.test(String(part))) ? `field ${path.join('.')}` : 'a field')
}
