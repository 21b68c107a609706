import type { StorageReceipt } from '@teahouse/protocol/receipts'
import { getAddress, isAddress, type Address, type Hex } from 'viem'
import * as z from 'zod/mini'
import { CourtError } from './errors.ts'

/** A receipt for content, with the node key's signature and the court that it was signed for. A plain object, to be handed on. */
export interface KeptReceipt {
  readonly chainId: number
  readonly court: Address
  readonly receipt: StorageReceipt
  readonly signature: Hex
}

/** Characters of a text that is read at all; a receipt has about 600. */
const MAX_TEXT = 2_048

const Whole = (bits: number) =>
  z.pipe(
    z.pipe(
      z.string().check(z.regex(/^(0|[1-9]\d{0,38})$/)),
      z.transform((text) => BigInt(text)),
    ),
    z.bigint().check(z.lt(1n << BigInt(bits))),
  )
const Small = (bits: number) => z.int().check(z.gte(0), z.lte(2 ** bits - 1))
const HexOf = (bytes: number) =>
  z.pipe(
    z.string().check(z.regex(new RegExp(`^0x[0-9a-f]{${2 * bytes}}$`, 'i'))),
    z.transform((text) => text.toLowerCase() as Hex),
  )
const AddressText = z.pipe(
  z.string().check(z.refine((text) => isAddress(text, { strict: false }))),
  z.transform((text) => getAddress(text)),
)
const Chain = z.int().check(z.gte(1))

const StorageText = z.strictObject({
  teahouse: z.literal('storage receipt'),
  chainId: Chain,
  court: AddressText,
  receipt: z.strictObject({
    operator: Small(32),
    client: AddressText,
    root: HexOf(32),
    size: Whole(64),
    from: Small(40),
    until: Small(40),
    liability: Whole(128),
    slot: Small(32),
  }),
  signature: HexOf(65),
})

/** One line of JSON. */
export function writeReceipt({ chainId, court, receipt, signature }: KeptReceipt): string {
  const { operator, client, root, size, from, until, liability, slot } = receipt
  const said = { operator, client, root, size: `${size}`, from, until, liability: `${liability}`, slot }
  return JSON.stringify({ teahouse: 'storage receipt', chainId, court, receipt: said, signature })
}

/** Reads what `writeReceipt` wrote; whether it is worth anything is for `checkReceipt`. Throws CourtError NOT_A_RECEIPT. */
export function readReceipt(text: string): KeptReceipt {
  const { teahouse: _, ...kept } = read(StorageText, text)
  return kept
}

function read<T>(schema: z.ZodMiniType<T>, text: string): T {
  try {
    if (text.length <= MAX_TEXT) return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw new CourtError('This is no receipt', { code: 'NOT_A_RECEIPT' }, { cause })
  }
  throw new CourtError('This is no receipt: it is too long', { code: 'NOT_A_RECEIPT' })
}
