import { type Hex, numberToHex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { type SignedRoots, signRoots, verifyRoots } from './signed-roots.ts'

const word = (value: number): Hex => numberToHex(value, { size: 32 })
const account = privateKeyToAccount(generatePrivateKey())
const registry = numberToHex(9, { size: 20 })
const said = {
  blockNumber: 5n,
  blockHash: word(5),
  roots: [word(1), word(2)],
  ledgerHash: word(3),
  memberCount: 4,
}
const signature = await signRoots(account, registry, 31337, said)
const signed: SignedRoots = { ...said, chainId: 31337, registry, node: account.address, signature }

describe('signed roots', () => {
  it('are the word of the node whose key signed them', async () => {
    await expect(verifyRoots(signed)).resolves.toBeUndefined()
  })

  it.each<Partial<SignedRoots>>([
    { chainId: 1 },
    { registry: numberToHex(8, { size: 20 }) },
    { blockHash: word(6) },
    { roots: [word(1)] },
    { roots: [word(2), word(1)] },
    { ledgerHash: word(4) },
    { memberCount: 5 },
    { node: numberToHex(1, { size: 20 }) },
  ])('say nothing else: %j', async (change) => {
    await expect(verifyRoots({ ...signed, ...change })).rejects.toMatchObject({ code: 'WRONG_SIGNER' })
  })

  it('say nothing of another block number', async () => {
    await expect(verifyRoots({ ...signed, blockNumber: 6n })).rejects.toMatchObject({ code: 'WRONG_SIGNER' })
  })

  it('need a signature', async () => {
    await expect(verifyRoots({ ...signed, signature: `0x${'00'.repeat(65)}` })).rejects.toMatchObject({
      code: 'BAD_SIGNATURE',
    })
  })
})
