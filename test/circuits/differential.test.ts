import {
  identityFromSecret,
  membershipLedger,
  membershipTree,
  nextLedgerHash,
  rateCommitment,
  rlnIdentifier,
} from '@teahouse/protocol/rln'
import { encodeAbiParameters, keccak256, parseAbiParameters, toHex } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Chain, readLedger, SALT, secretOf, startChain } from './support/registry.ts'
import { witnessOf } from './support/rln.ts'

const COUNTS = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33]
const limitOf = (index: number) => 1 + (index % 600)
const SLASHED = parseAbiParameters(
  'uint256 chain, address registry, address slasher, uint256 secret, bytes32 salt',
)

let chain: Chain
beforeAll(async () => {
  chain = await startChain()
}, 300_000) // a fresh clone compiles the contracts first
afterAll(() => chain.connection.close())

async function register(index: number): Promise<void> {
  const { commitment } = identityFromSecret(secretOf(index))
  await chain.registry.write.register([commitment, limitOf(index), chain.holder, 0, chain.PLENTY])
}

/** The root that the circuit computes for a member of the ledger. */
async function circuitRoot(ledger: Awaited<ReturnType<typeof readLedger>>, index: number): Promise<bigint> {
  const path = ledger.path(index)
  const member = {
    secret: secretOf(index),
    rateLimit: limitOf(index),
    messageId: 0,
    path,
    x: 1n,
    externalNullifier: 1n,
  }
  return (await witnessOf(member)).signals.root
}

describe('contract events, TypeScript tree and circuit', { timeout: 120_000 }, () => {
  it.each(COUNTS)('have one root at %i members', async (count) => {
    for (let index = await chain.registry.read.memberCount(); index < count; index++) await register(index)
    const ledger = await readLedger(chain)
    expect(ledger.memberCount).toBe(count)
    expect(ledger.ledgerHash).toBe(await chain.registry.read.ledger())
    for (const index of new Set([0, count >> 1, count - 1]))
      expect(await circuitRoot(ledger, index)).toBe(ledger.root)
  })

  it('have one root at every count when the changes are made up', async () => {
    const ledger = membershipLedger({ graceSeconds: 1, rootWindowSeconds: 1 })
    const tree = membershipTree()
    for (let index = 0; index < 33; index++) {
      const { commitment } = identityFromSecret(secretOf(index))
      const member = { rateLimit: limitOf(index), expiry: 1_000 }
      const change = {
        kind: 'registered',
        index,
        idCommitment: commitment,
        holder: chain.holder,
        home: 0,
        ...member,
      } as const
      ledger.apply(
        { ...change, ledger: nextLedgerHash(ledger.ledgerHash, change, member) },
        { number: BigInt(index), timestamp: index },
      )
      tree.set(index, rateCommitment(commitment, member.rateLimit))
      expect(ledger.root).toBe(tree.root)
      if (COUNTS.includes(index + 1)) expect(await circuitRoot(ledger, index)).toBe(ledger.root)
    }
  })

  it('name the application alike', async () => {
    const chainId = await chain.client.getChainId()
    expect(toHex(rlnIdentifier(chainId, chain.address))).toBe(await chain.registry.read.rlnIdentifier())
  })

  it('agree when one exits, one is slashed by its secret, one renews and the others expire', async () => {
    const { registry, holder, connection, client, address } = chain
    const idOf = (index: number) => identityFromSecret(secretOf(index)).commitment
    await registry.write.exit([idOf(2)])
    const fields = [BigInt(await client.getChainId()), address, holder, secretOf(4), SALT] as const
    await registry.write.commitSlash([keccak256(encodeAbiParameters(SLASHED, fields))])
    await (await connection.viem.getTestClient()).mine({ blocks: 3 })
    await registry.write.slash([secretOf(4), holder, SALT])
    await registry.write.renew([idOf(0), holder, chain.PLENTY])

    const ledger = await readLedger(chain)
    expect(ledger.ledgerHash).toBe(await registry.read.ledger())
    expect([0, 2, 4].map((index) => ledger.member(index)!.state)).toEqual(['active', 'exited', 'slashed'])
    expect(ledger.revealedSecrets()).toEqual([secretOf(4)])
    expect(await circuitRoot(ledger, 0)).toBe(ledger.root)
    expect(await circuitRoot(ledger, 2)).not.toBe(ledger.root)
    expect(await circuitRoot(ledger, 4)).not.toBe(ledger.root)

    const { expiry } = ledger.member(32)!
    const grace = await registry.read.grace()
    const test = await connection.viem.getTestClient()
    await test.setNextBlockTimestamp({ timestamp: BigInt(expiry + grace + 1) })
    await test.mine({ blocks: 1 })
    const later = await readLedger(chain)
    const tree = membershipTree()
    tree.set(0, rateCommitment(idOf(0), limitOf(0)))
    expect(later.root).toBe(tree.root)
    expect(await circuitRoot(later, 0)).toBe(later.root)
  })
})
