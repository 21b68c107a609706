import { secp256k1 } from '@noble/curves/secp256k1.js'
import {
  bytesToHex,
  getAddress,
  hashMessage,
  hashTypedData,
  hexToBytes,
  keccak256,
  serializeTransaction,
  hexToBigInt,
  type Address,
  type HashTypedDataParameters,
  type Hex,
  type LocalAccount,
  type SignableMessage,
  type TypedData,
} from 'viem'
import { toAccount } from 'viem/accounts'
import { splitSignature } from './signature.ts'

export { isCanonicalSignature, splitSignature } from './signature.ts'

/** The address of an uncompressed secp256k1 key (65 bytes). */
export function addressOfPublicKey(publicKey: Uint8Array): Address {
  return getAddress(`0x${keccak256(publicKey.subarray(1)).slice(-40)}`)
}

/** The address of a private key. Throws if it is not 32 bytes of a number from 1 to the order less one. */
export function addressOfKey(key: Hex | Uint8Array): Address {
  return addressOfPublicKey(secp256k1.getPublicKey(bytesOf(key), false))
}

/** r ‖ s ‖ v (27 or 28) of a digest: deterministic (RFC 6979), s in the lower half. */
export function signDigest(digest: Hex, key: Uint8Array): Hex {
  const signed = secp256k1.sign(hexToBytes(digest), key, { prehash: false, format: 'recovered' })
  const signature = new Uint8Array(65)
  signature.set(signed.subarray(1))
  signature[64] = 27 + signed[0]!
  return bytesToHex(signature)
}

/** Whose signature (65 bytes r ‖ s ‖ v) of a digest this is. Throws if it is nobody's. */
export function recoverSigner(digest: Hex, signature: Hex): Address {
  const { r, s, yParity } = splitSignature(signature)
  const { Signature } = secp256k1
  const parsed = new Signature(hexToBigInt(r), hexToBigInt(s), yParity)
  return addressOfPublicKey(parsed.recoverPublicKey(hexToBytes(digest)).toBytes(false))
}

/** What viem's functions of these names do; reject what is nobody's signature. */
export const recoverTypedDataAddress = async <
  const T extends TypedData | Record<string, unknown>,
  P extends keyof T | 'EIP712Domain',
>({
  signature,
  ...typed
}: HashTypedDataParameters<T, P> & { readonly signature: Hex }): Promise<Address> =>
  recoverSigner(hashTypedData(typed as unknown as HashTypedDataParameters<T, P>), signature)

export const recoverMessageAddress = async (signed: {
  readonly message: SignableMessage
  readonly signature: Hex
}): Promise<Address> => recoverSigner(hashMessage(signed.message), signed.signature)

/**
 * A signer for a private key, which does what viem's `privateKeyToAccount` does and signs the same bytes, with the one
 * implementation of the curve that everything else here uses: a page need not load a second. Throws as `addressOfKey`.
 */
export function accountOfKey(key: Hex | Uint8Array): LocalAccount {
  const secret = bytesOf(key)
  const account = toAccount({
    address: addressOfKey(secret),
    sign: async ({ hash }) => signDigest(hash, secret),
    signMessage: async ({ message }) => signDigest(hashMessage(message), secret),
    signTypedData: async (data) => signDigest(hashTypedData(data), secret),
    async signTransaction(transaction, { serializer = serializeTransaction } = {}) {
      // EIP-4844: sidecars travel with a transaction, and are not signed.
      const signed = transaction.type === 'eip4844' ? { ...transaction, sidecars: false } : transaction
      const digest = keccak256(await serializer(signed))
      return await serializer(transaction, splitSignature(signDigest(digest, secret)))
    },
  })
  return account
}

const bytesOf = (key: Hex | Uint8Array): Uint8Array => (typeof key === 'string' ? hexToBytes(key) : key)
