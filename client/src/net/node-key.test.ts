import { generateKeyPair, privateKeyFromRaw } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import fc from 'fast-check'
import { hexToBytes } from 'viem'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { nodeKey } from './node-key.ts'

describe('a node key', () => {
  it('is one key with two faces: peer id and address', () => {
    for (let i = 0; i < 10; i++) {
      const secret = generatePrivateKey()
      const peerId = peerIdFromPrivateKey(privateKeyFromRaw(hexToBytes(secret)))
      const key = nodeKey(peerId.toMultihash().bytes)
      expect(key?.peerId.toString()).toBe(peerId.toString())
      expect(key?.address).toBe(privateKeyToAddress(secret))
    }
  })
})

describe('when it must refuse', () => {
  it('a peer id of another kind of key', async () => {
    const peerId = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    expect(nodeKey(peerId.toMultihash().bytes)).toBeUndefined()
  })

  it('any bytes, without throwing', () => {
    const prefix = [0x00, 0x25, 0x08, 0x02, 0x12, 0x21]
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (bytes, shaped) => {
        const given = shaped ? Uint8Array.of(...prefix, 0x05, ...bytes.slice(0, 32)) : bytes
        expect(nodeKey(given)).toBeUndefined()
      }),
    )
  })
})
