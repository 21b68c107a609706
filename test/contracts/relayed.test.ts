import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { type Address, type Hex, recoverAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { isRevert } from '../../protocol/src/chain/index.ts'
import {
  type RegisterCall,
  type RelayedCall,
  relayedDigest,
  signRelayed,
} from '../../protocol/src/membership/index.ts'
import { FIELD, identityFromSecret } from '../../protocol/src/rln/index.ts'
import { simulatedNetwork } from './support/simulated.ts'

const CHAIN_ID = 31337
interface Vectors {
  readonly registry: Address
  readonly key: Hex
  readonly calls: readonly { readonly call: Record<string, string | number>; digest: Hex; signature: Hex }[]
}
/** Read by protocol/src/membership/relayed.test.ts too. */
const VECTORS = JSON.parse(
  readFileSync(new URL('../vectors/relayed-memberships.json', import.meta.url), 'utf8'),
) as Vectors

const address = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((b): Hex => `0x${Buffer.from(b).toString('hex')}`)
const uint = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 })
const word = fc.bigInt(0n, 2n ** 256n - 1n)
const member = { idCommitment: fc.bigInt(0n, FIELD - 1n), holder: address, deadline: uint(40) }
const paid = { ...member, payer: address, maxPrice: word }
const anyCall: fc.Arbitrary<RelayedCall> = fc.oneof(
  fc.record({ action: fc.constant('Register' as const), ...paid, rateLimit: uint(16), home: uint(32) }),
  fc.record({ action: fc.constant('Renew' as const), ...paid, expiry: uint(40) }),
  fc.record({ action: fc.constant('Exit' as const), ...member, nonce: uint(16) }),
  fc.record({ action: fc.constant('SetHome' as const), ...member, home: uint(32), nonce: uint(16) }),
)

describe('relayed calls, in TypeScript and on chain', () => {
  let chain: Awaited<ReturnType<typeof simulatedNetwork>>
  before(async () => {
    chain = await simulatedNetwork()
  })
  after(() => chain.connection.close())

  it('have the same EIP-712 digest', async () => {
    const { MembershipRegistry } = chain.addresses
    await fc.assert(
      fc.asyncProperty(anyCall, async (call) => {
        const here = relayedDigest(MembershipRegistry, CHAIN_ID, call)
        assert.equal(here, await digestOnChain(call, MembershipRegistry))
      }),
      { numRuns: 100 },
    )
  })

  it('have the digests and signatures of the vectors', async () => {
    const { client, testClient, addresses } = chain
    const bytecode = await client.getCode({ address: addresses.MembershipRegistry })
    // The same contract at the address that the vectors name.
    await testClient.setCode({ address: VECTORS.registry, bytecode: bytecode! })
    for (const { call, digest, signature } of VECTORS.calls) {
      const { idCommitment, maxPrice, ...rest } = call
      const big = { idCommitment: BigInt(idCommitment!), maxPrice: BigInt(maxPrice ?? 0) }
      assert.equal(await digestOnChain({ ...rest, ...big } as RelayedCall, VECTORS.registry), digest)
      const signer = await recoverAddress({ hash: digest, signature })
      assert.equal(signer, privateKeyToAccount(VECTORS.key).address)
    }
  })

  it('signed by alice and sent by bob do what she signed, once', async () => {
    const { alice, bob, addresses } = chain
    const { MembershipRegistry } = addresses
    const registry = bob.contracts.MembershipRegistry
    const idCommitment = identityFromSecret(5n).commitment
    const base = { idCommitment, holder: alice.address, deadline: 2 ** 40 - 1 }
    const sign = (call: RelayedCall) => signRelayed(alice.account, MembershipRegistry, CHAIN_ID, call)
    const of = async () => registry.read.member([idCommitment, alice.address])

    const maxPrice = 600_000n
    const join: RegisterCall = {
      action: 'Register',
      ...base,
      rateLimit: 10,
      home: 0,
      maxPrice,
      payer: alice.address,
    }
    const registration = { idCommitment, rateLimit: 10, holder: alice.address, home: 0 }
    const signed = await sign(join)
    await registry.write.registerFor([registration, maxPrice, alice.address, base.deadline, signed])
    assert.equal(await chain.alice.contracts.Token.read.balanceOf([alice.address]), 10n ** 15n - maxPrice)

    const { expiry } = await of()
    const renewal = await sign({ action: 'Renew', ...base, expiry, maxPrice, payer: alice.address })
    const args = [idCommitment, alice.address, maxPrice, alice.address, base.deadline, renewal] as const
    await registry.write.renewFor(args)
    assert.equal((await of()).expiry, expiry + 3_600)
    await assert.rejects(registry.simulate.renewFor(args), (error) => isRevert(error, 'BadSignature'))

    const home = await sign({ action: 'SetHome', ...base, home: 0, nonce: 0 })
    await registry.write.setHomeFor([idCommitment, alice.address, 0, base.deadline, home])
    const exit = await sign({ action: 'Exit', ...base, nonce: 1 })
    await registry.write.exitFor([idCommitment, alice.address, base.deadline, exit])
    assert.equal((await of()).state, 2)
  })

  async function digestOnChain(call: RelayedCall, registry: Address): Promise<Hex> {
    const contract = { ...chain.alice.contracts.MembershipRegistry, address: registry }
    const { idCommitment, holder, deadline } = call
    const read = { address: registry, abi: contract.abi } as const
    switch (call.action) {
      case 'Register': {
        const { rateLimit, home, maxPrice, payer } = call
        const args = [{ idCommitment, rateLimit, holder, home }, maxPrice, payer, deadline] as const
        return chain.client.readContract({ ...read, functionName: 'registerDigest', args })
      }
      case 'Renew': {
        const args = [idCommitment, holder, call.expiry, call.maxPrice, call.payer, deadline] as const
        return chain.client.readContract({ ...read, functionName: 'renewDigest', args })
      }
      case 'Exit': {
        const args = [idCommitment, holder, call.nonce, deadline] as const
        return chain.client.readContract({ ...read, functionName: 'exitDigest', args })
      }
      case 'SetHome': {
        const args = [idCommitment, holder, call.home, call.nonce, deadline] as const
        return chain.client.readContract({ ...read, functionName: 'setHomeDigest', args })
      }
    }
  }
})
