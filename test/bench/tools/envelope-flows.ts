import { toHex, type Address } from 'viem'
import {
  claimKey,
  envelopeId,
  sharesOf,
  shareTree,
  signClaim,
  splitRandomly,
  type Terms,
} from '@teahouse/protocol/envelopes'
import type { Flow, GasChain } from './gas-chain.ts'

const SHARES = 50
const AMOUNT = 5_000_000n
const CHAIN_ID = 31337

/** Envelopes of fifty random shares, each claimed with the signature of its key. */
export async function envelopeFlows(chain: GasChain) {
  await envelope(chain, guests(0), 3) // somebody else's is in the contract
  const friends = guests(1_000)
  for (const guest of friends) await chain.alice.contracts.Token.write.mint([guest, 1n])
  const whole = await envelope(chain, friends)
  const claims = whole.steps.slice(1)
  const average = claims.reduce((sum, gas) => sum + gas, 0n) / BigInt(claims.length)
  const newcomers = await envelope(chain, guests(2_000))
  return { whole, newcomers, claim: { steps: claims, total: average } satisfies Flow }
}

const guests = (from: number): Address[] =>
  Array.from({ length: SHARES }, (_, at) => toHex(0xc0ffee000000 + from + at, { size: 20 }))

async function envelope(chain: GasChain, recipients: readonly Address[], claims = SHARES): Promise<Flow> {
  const { alice, bob, addresses, flow, now } = chain
  const secret = crypto.getRandomValues(new Uint8Array(32))
  const shares = sharesOf(splitRandomly(AMOUNT, SHARES), secret)
  const tree = shareTree(shares)
  const terms: Terms = {
    creator: alice.address,
    amount: AMOUNT,
    shares: SHARES,
    expiry: (await now()) + 86_400,
    gated: false,
    root: tree.root,
    salt: toHex(secret),
  }
  const id = envelopeId(addresses.RedEnvelope, CHAIN_ID, terms)
  const claim = (index: number) => async () => {
    const recipient = recipients[index]!
    const key = claimKey(secret, index)
    const signature = await signClaim(key, addresses.RedEnvelope, CHAIN_ID, id, recipient)
    const args = [terms, shares[index]!, tree.path(index), recipient, signature] as const
    return bob.contracts.RedEnvelope.write.claimShare(args)
  }
  return flow(
    () => alice.contracts.RedEnvelope.write.create([terms]),
    ...Array.from({ length: claims }, (_, index) => claim(index)),
  )
}
