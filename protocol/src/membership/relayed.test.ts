import { readFileSync } from 'node:fs'
import { type Address, type Hex, recoverTypedDataAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type RelayedCall, relayedDigest, relayedTypedData, RELAYER_HOME, signRelayed } from './relayed.ts'

/** Read by test/contracts/relayed.test.ts too, against the contract. */
const VECTORS = new URL('../../../test/vectors/relayed-memberships.json', import.meta.url)
const hex = z.custom<Hex>((value) => typeof value === 'string' && /^0x[0-9a-f]*$/i.test(value))
const Vectors = z.strictObject({
  chainId: z.int(),
  registry: hex,
  key: hex,
  calls: z.array(z.strictObject({ call: z.record(z.string(), z.unknown()), digest: hex, signature: hex })),
})
const { chainId, registry, key, calls } = Vectors.parse(JSON.parse(readFileSync(VECTORS, 'utf8')))

const signer = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const OTHER: Address = '0x2000000000000000000000000000000000000002'
const member = { idCommitment: 7n, holder: signer.address, deadline: 2_000_000_000 }
const paid = { ...member, payer: signer.address, maxPrice: 6_000_000n }
const CALLS: readonly RelayedCall[] = [
  { action: 'Register', ...paid, rateLimit: 100, home: RELAYER_HOME },
  { action: 'Renew', ...paid, expiry: 1_900_000_000 },
  { action: 'Exit', ...member, nonce: 3 },
  { action: 'SetHome', ...member, home: 2, nonce: 3 },
]

type Value = string | number | bigint

function changed(value: Value): Value {
  if (typeof value === 'string') return OTHER
  return typeof value === 'bigint' ? value + 1n : value - 1
}

/** Numbers beyond 2^53 are strings in JSON. */
function callOf(values: Record<string, unknown>): RelayedCall {
  const big = (name: string) => (name in values ? { [name]: BigInt(values[name] as string) } : {})
  return { ...values, ...big('idCommitment'), ...big('maxPrice') } as unknown as RelayedCall
}

describe('a relayed call', () => {
  it.each(calls)('has the digest and signature of the vectors: $call.action', async (vector) => {
    const call = callOf(vector.call)
    expect(relayedDigest(registry, chainId, call)).toBe(vector.digest)
    expect(await signRelayed(privateKeyToAccount(key), registry, chainId, call)).toBe(vector.signature)
  })

  it.each(CALLS)('is recovered to its signer: $action', async (call) => {
    const signature = await signRelayed(signer, OTHER, 1, call)
    const typed = relayedTypedData(OTHER, 1, call)
    expect(await recoverTypedDataAddress({ ...typed, signature })).toBe(signer.address)
  })

  it.each(CALLS)('has another digest whatever is changed: $action', (call) => {
    const digests = new Set([relayedDigest(OTHER, 1, call)])
    const { action: _, ...fields } = call
    for (const [field, value] of Object.entries(fields)) {
      digests.add(relayedDigest(OTHER, 1, { ...call, [field]: changed(value) }))
    }
    digests.add(relayedDigest(OTHER, 2, call)).add(relayedDigest(signer.address, 1, call))
    expect(digests.size).toBe(Object.keys(fields).length + 3)
  })

  it.each([
    { field: 'idCommitment', value: 2n ** 256n },
    { field: 'maxPrice', value: -1n },
    { field: 'rateLimit', value: 2 ** 16 },
    { field: 'home', value: 2 ** 32 },
    { field: 'deadline', value: 2 ** 40 },
  ])('must have $field in range', ({ field, value }) => {
    expect(() => relayedDigest(OTHER, 1, { ...CALLS[0]!, [field]: value })).toThrow(
      expect.objectContaining({
        detail: { code: 'OUT_OF_RANGE', field, value: BigInt(value) },
      }),
    )
  })
})
