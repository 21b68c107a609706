import { generateKeyPair, privateKeyFromRaw } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import fc from 'fast-check'
import { hexToBytes } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { readPeerId } from './peer-address.ts'

describe('readPeerId', () => {
  it('finds the Ethereum address of the node key in its peer id', () => {
    const key = `0x${'11'.repeat(32)}` as const
    const peerId = peerIdFromPrivateKey(privateKeyFromRaw(hexToBytes(key)))
    const read = readPeerId(peerId.toMultihash().bytes)
    expect(read?.address).toBe(privateKeyToAccount(key).address)
    expect(read?.peerId.toString()).toBe(peerId.toString())
  })

  it('knows no address for other keys', async () => {
    const peerId = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    expect(readPeerId(peerId.toMultihash().bytes)).toBeUndefined()
  })

  it('throws nothing, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => readPeerId(bytes) === undefined))
    const prefix = [0x00, 0x25, 0x08, 0x02, 0x12, 0x21]
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 33, maxLength: 33 }), (key) => {
        readPeerId(Uint8Array.from([...prefix, ...key]))
      }),
    )
  })
})
