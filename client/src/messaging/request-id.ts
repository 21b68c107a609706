import { bytesToHex, randomBytes } from '@noble/hashes/utils.js'

/** A fresh id by which an answer names its request. */
export const requestId = (): string => bytesToHex(randomBytes(16))
