import fc from 'fast-check'
import { bytesToHex, hexToBytes, parseSignature, recoverAddress, type Hex } from 'viem'
import { privateKeyToAccount, publicKeyToAddress } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import {
  accountOfKey,
  addressOfKey,
  addressOfPublicKey,
  recoverMessageAddress,
  recoverSigner,
  recoverTypedDataAddress,
  signDigest,
} from './keys.ts'
import { splitSignature } from './signature.ts'

const ORDER = secp256k1.Point.Fn.ORDER
const keyOf = (number: bigint): Hex => `0x${number.toString(16).padStart(64, '0')}`
const keys = fc.bigInt({ min: 1n, max: ORDER - 1n }).map(keyOf)
const bits = (count: number) => fc.bigInt({ min: 0n, max: 2n ** BigInt(count) - 1n })
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 })
const hex = (size: number) =>
  fc.uint8Array({ minLength: size, maxLength: size }).map((bytes) => bytesToHex(bytes))

const typedData = (account: Hex, amount: bigint, text: string) =>
  ({
    domain: { name: 'Teahouse', version: '1', chainId: 31_337, verifyingContract: account },
    types: { Test: [{ name: 'account', type: 'address' }, { name: 'amount', type: 'uint256' }, { name: 'text', type: 'string' }] },
    primaryType: 'Test',
    message: { account, amount, text },
  }) as const // prettier-ignore

describe('a signer for a private key', () => {
  it("has viem's address, and signs digests, messages and typed data as viem does", async () => {
    const property = fc.asyncProperty(keys, bytes32, fc.string(), bits(256), async (key, digest, text, amount) => {
      const [ours, theirs] = [accountOfKey(key), privateKeyToAccount(key)]
      expect(ours.address).toBe(theirs.address)
      const hash = bytesToHex(digest)
      expect(await ours.sign!({ hash })).toBe(await theirs.sign({ hash }))
      for (const message of [text, { raw: digest }])
        expect(await ours.signMessage({ message })).toBe(await theirs.signMessage({ message }))
      const data = typedData(ours.address, amount, text)
      expect(await ours.signTypedData(data)).toBe(await theirs.signTypedData(data))
    }) // prettier-ignore
    await fc.assert(property, { numRuns: 25 })
  })

  it('signs every kind of transaction as viem does', async () => {
    const amounts = fc.tuple(bits(64), bits(96), fc.nat())
    const property = fc.asyncProperty(keys, hex(20), hex(40), amounts, async (key, to, data, [gas, value, nonce]) => {
      const [ours, theirs] = [accountOfKey(key), privateKeyToAccount(key)]
      const common = { to, data, gas, value, nonce, chainId: 31_337 }
      for (const fees of [
        { type: 'legacy', gasPrice: value },
        { type: 'eip2930', gasPrice: value, accessList: [] },
        { type: 'eip1559', maxFeePerGas: value + 1n, maxPriorityFeePerGas: value },
      ] as const)
        expect(await ours.signTransaction({ ...common, ...fees })).toBe(
          await theirs.signTransaction({ ...common, ...fees }),
        )
    }) // prettier-ignore
    await fc.assert(property, { numRuns: 15 })
  })

  it('is found again from what it signed', async () => {
    const property = fc.asyncProperty(keys, bytes32, fc.string(), async (key, digest, message) => {
      const { address, sign, signMessage, signTypedData } = accountOfKey(key)
      const hash = bytesToHex(digest)
      expect(recoverSigner(hash, await sign!({ hash }))).toBe(address)
      expect(await recoverMessageAddress({ message, signature: await signMessage({ message }) })).toBe(
        address,
      )
      const typed = typedData(address, 1n, message)
      const signature = await signTypedData(typed)
      expect(await recoverTypedDataAddress({ ...typed, signature })).toBe(address)
      expect(splitSignature(signature)).toEqual(parseSignature(signature))
    })
    await fc.assert(property, { numRuns: 15 })
  })

  it('is whom viem finds, or nobody, whatever the signature', async () => {
    const ends = fc.constantFrom(0, 1, 2, 26, 27, 28, 29, 255)
    const property = fc.asyncProperty(bytes32, bytes32, bytes32, ends, async (digest, r, s, end) => {
      const [hash, signature] = [bytesToHex(digest), bytesToHex(Uint8Array.of(...r, ...s, end))]
      const theirs = await recoverAddress({ hash, signature }).catch(() => 'nobody')
      const ours = await Promise.resolve()
        .then(() => recoverSigner(hash, signature))
        .catch(() => 'nobody')
      expect(ours).toBe(theirs)
    })
    await fc.assert(property, { numRuns: 60 })
  })

  it.each(['0x', '0x00', `0x${'11'.repeat(64)}`, `0x${'11'.repeat(66)}`] as const)('is not found in %s', (signature) => {
    expect(() => recoverSigner(keyOf(1n), signature)).toThrow(RangeError)
  }) // prettier-ignore

  it('takes keys as bytes, and public keys', () => {
    const key = keyOf(7n)
    expect(addressOfKey(hexToBytes(key))).toBe(privateKeyToAccount(key).address)
    const publicKey = secp256k1.getPublicKey(hexToBytes(key), false)
    expect(addressOfPublicKey(publicKey)).toBe(publicKeyToAddress(bytesToHex(publicKey)))
    expect(signDigest(keyOf(1n), hexToBytes(key))).toMatch(/^0x[0-9a-f]{128}1[bc]$/)
  })

  it.each([keyOf(0n), keyOf(ORDER), keyOf(ORDER + 1n), '0x01', '0x'] as const)('refuses %s', (key) => {
    expect(() => accountOfKey(key)).toThrow()
    expect(() => addressOfKey(key)).toThrow()
  })
})
