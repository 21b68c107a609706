import { isCanonicalSignature } from '@teahouse/protocol/keys'
import type { Hex } from 'viem'

/** Whole bytes in lower case. viem's `isHex` takes half a byte too, and its `size` counts that as one. */
export const isBytes = (text: string): text is Hex => /^0x([0-9a-f]{2})*$/.test(text)

/** 32 bytes. */
export const isWord = (text: string): text is Hex => /^0x[0-9a-fA-F]{64}$/.test(text)

/** A signature in the one form that contracts take, in lower case. viem recovers from others too. */
export const isSignature = (text: string): text is Hex => isBytes(text) && isCanonicalSignature(text)
