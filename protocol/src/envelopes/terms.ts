import { type Address, hashTypedData, type Hex, type LocalAccount } from 'viem'
import { FIELD } from '../rln/field.ts'
import { checkBetween, EnvelopeError } from './errors.ts'
import { MAX_AMOUNT, MAX_SHARES } from './split.ts'

/** What an envelope is; its hash is the envelope's name. */
export interface Terms {
  /** Who pays, and gets back what is left. */
  readonly creator: Address
  /** What is held in all, in the token's smallest unit. */
  readonly amount: bigint
  /** How many there are, 1 to 128. */
  readonly shares: number
  /** Unix seconds; claims end before it, the refund is possible from then on. */
  readonly expiry: number
  /** Whether shares are equal, and for the members of a Semaphore group. */
  readonly gated: boolean
  /** Of the tree of shares; if gated, of the group. */
  readonly root: Hex
  /** Tells envelopes of otherwise equal terms apart. */
  readonly salt: Hex
}

/** The longest time from creation to expiry. */
export const MAX_LIFETIME_SECONDS = 366 * 86_400

const TERMS = [
  { name: 'creator', type: 'address' },
  { name: 'amount', type: 'uint128' },
  { name: 'shares', type: 'uint16' },
  { name: 'expiry', type: 'uint40' },
  { name: 'gated', type: 'bool' },
  { name: 'root', type: 'bytes32' },
  { name: 'salt', type: 'bytes32' },
] as const
const CREATE = [
  { name: 'terms', type: 'Terms' },
  { name: 'deadline', type: 'uint40' },
] as const
const LAST_SECOND = 2n ** 40n - 1n

/** EIP-712 domain of everything that is signed for a RedEnvelope contract. */
export function envelopesDomain(envelopes: Address, chainId: number) {
  return { name: 'Teahouse RedEnvelope', version: '1', chainId, verifyingContract: envelopes } as const
}

/** The envelope's name: what RedEnvelope.envelopeId gives. Throws EnvelopeError OUT_OF_RANGE for terms that it refuses. */
export function envelopeId(envelopes: Address, chainId: number, terms: Terms): Hex {
  return hashTypedData({
    domain: envelopesDomain(envelopes, chainId),
    types: { Terms: TERMS },
    primaryType: 'Terms',
    message: checkTerms(terms),
  })
}

/** What a creator signs so that somebody else can create the envelope for it. Throws EnvelopeError OUT_OF_RANGE. */
export function createTypedData(envelopes: Address, chainId: number, terms: Terms, deadline: number) {
  checkBetween('deadline', whole(deadline), 0n, LAST_SECOND)
  return {
    domain: envelopesDomain(envelopes, chainId),
    types: { Create: CREATE, Terms: TERMS },
    primaryType: 'Create',
    message: { terms: checkTerms(terms), deadline },
  } as const
}

/** Signs `createTypedData`: 65 bytes r ‖ s ‖ v. Throws EnvelopeError OUT_OF_RANGE. */
export async function signCreate(
  account: LocalAccount,
  envelopes: Address,
  chainId: number,
  terms: Terms,
  deadline: number,
): Promise<Hex> {
  return account.signTypedData(createTypedData(envelopes, chainId, terms, deadline))
}

function checkTerms(terms: Terms): Terms {
  const { amount, shares, expiry, gated, root } = terms
  checkBetween('shares', whole(shares), 1n, BigInt(MAX_SHARES))
  checkBetween('amount', amount, 1n, MAX_AMOUNT)
  checkBetween('expiry', whole(expiry), 1n, LAST_SECOND)
  checkBetween('root', BigInt(root), 1n, gated ? FIELD - 1n : 2n ** 256n - 1n)
  if (gated && amount % BigInt(shares) !== 0n) {
    const detail = { code: 'OUT_OF_RANGE', field: 'amount', value: amount } as const
    throw new EnvelopeError(`${amount} can't be given in ${shares} equal shares`, detail)
  }
  return terms
}

/** A number as a bigint; -1, which fits nowhere, for a fraction. */
function whole(value: number): bigint {
  return Number.isSafeInteger(value) ? BigInt(value) : -1n
}
