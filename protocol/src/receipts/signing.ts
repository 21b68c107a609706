import type { Address, Hex } from 'viem'
import { recoverSigner as recover } from '../keys.ts'
import { isCanonicalSignature } from '../signature.ts'
import { ReceiptError } from './errors.ts'

/** Who signed `digest`. Accepts exactly the signatures that a court accepts. Throws ReceiptError BAD_SIGNATURE. */
export async function recoverSigner(digest: Hex, signature: Hex): Promise<Address> {
  if (!isCanonicalSignature(signature)) {
    throw new ReceiptError('This signature is not 65 bytes r, low s, v', { code: 'BAD_SIGNATURE' })
  }
  try {
    return recover(digest, signature)
  } catch (cause) {
    throw new ReceiptError('No key made this signature', { code: 'BAD_SIGNATURE' }, { cause })
  }
}
