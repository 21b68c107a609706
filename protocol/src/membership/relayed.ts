import { type Address, hashTypedData, type Hex, type LocalAccount, type TypedDataDefinition } from 'viem'
import { RelayedCallError } from './errors.ts'

/** The home to sign for "the operator that relays this registration": `RELAYER_HOME` of the registry. */
export const RELAYER_HOME = 2 ** 32 - 1

interface Call {
  readonly idCommitment: bigint
  readonly holder: Address
  /** Last unix second in which the signature is good. */
  readonly deadline: number
}

interface Paid extends Call {
  /** Who pays, and signs. */
  readonly payer: Address
  /** The most that the payer pays, in the token's smallest unit. */
  readonly maxPrice: bigint
}

/** `registerFor`: signed by the payer. */
export interface RegisterCall extends Paid {
  readonly action: 'Register'
  /** Messages an epoch. */
  readonly rateLimit: number
  /** Operator that the fee streams to; 0 burns it, RELAYER_HOME leaves it to whoever submits the call. */
  readonly home: number
}

/** `renewFor`: signed by the payer. */
export interface RenewCall extends Paid {
  readonly action: 'Renew'
  /** Expiry of the membership before this renewal, in unix seconds: what keeps the signature from being used twice. */
  readonly expiry: number
}

/** `exitFor`: signed by the holder. */
export interface ExitCall extends Call {
  readonly action: 'Exit'
  /** The membership's nonce, as `member` gives it. */
  readonly nonce: number
}

/** `setHomeFor`: signed by the holder. */
export interface SetHomeCall extends Call {
  readonly action: 'SetHome'
  readonly home: number
  /** The membership's nonce, as `member` gives it. */
  readonly nonce: number
}

/** What a payer or a holder signs for others to submit to a MembershipRegistry. */
export type RelayedCall = RegisterCall | RenewCall | ExitCall | SetHomeCall

const idCommitment = { name: 'idCommitment', type: 'uint256' }
const holder = { name: 'holder', type: 'address' }
const home = { name: 'home', type: 'uint32' }
const nonce = { name: 'nonce', type: 'uint16' }
const maxPrice = { name: 'maxPrice', type: 'uint256' }
const payer = { name: 'payer', type: 'address' }
const deadline = { name: 'deadline', type: 'uint40' }

const TYPES = {
  Register: [idCommitment, { name: 'rateLimit', type: 'uint16' }, holder, home, maxPrice, payer, deadline],
  Renew: [idCommitment, holder, { name: 'expiry', type: 'uint40' }, maxPrice, payer, deadline],
  Exit: [idCommitment, holder, nonce, deadline],
  SetHome: [idCommitment, holder, home, nonce, deadline],
} as const

/** What is signed for `call`, as EIP-712. Throws RelayedCallError OUT_OF_RANGE. */
export function relayedTypedData(
  registry: Address,
  chainId: number,
  call: RelayedCall,
): TypedDataDefinition<Record<string, unknown>> {
  const { action, ...message } = call
  const values: Record<string, unknown> = message
  for (const { name, type } of TYPES[action]) checkRange(name, type, values[name])
  return {
    domain: { name: 'Teahouse MembershipRegistry', version: '1', chainId, verifyingContract: registry },
    types: { [action]: TYPES[action] },
    primaryType: action,
    message,
  }
}

/** The digest that the registry's `registerDigest`, `renewDigest`, `exitDigest` or `setHomeDigest` gives. Throws RelayedCallError OUT_OF_RANGE. */
export function relayedDigest(registry: Address, chainId: number, call: RelayedCall): Hex {
  return hashTypedData(relayedTypedData(registry, chainId, call))
}

/** Signs as the payer or the holder that `call` names: 65 bytes r ‖ s ‖ v. Throws RelayedCallError OUT_OF_RANGE. */
export async function signRelayed(
  account: LocalAccount,
  registry: Address,
  chainId: number,
  call: RelayedCall,
): Promise<Hex> {
  return account.signTypedData(relayedTypedData(registry, chainId, call))
}

function checkRange(field: string, type: string, given: unknown): void {
  const [, bits] = /^uint(\d+)$/.exec(type) ?? []
  if (bits === undefined) return
  const value = BigInt(given as number | bigint)
  if (value >= 0n && value < 1n << BigInt(bits)) return
  throw new RelayedCallError(`${field} does not fit ${bits} bits`, { code: 'OUT_OF_RANGE', field, value })
}
