import { type Address, encodeAbiParameters, type Hex, keccak256, parseAbiParameters } from 'viem'

interface ChangeBase {
  /** The member's number, counted from 0 over all trees. */
  readonly index: number
  readonly idCommitment: bigint
  readonly holder: Address
  /** The registry's rolling hash after this change. */
  readonly ledger: Hex
}

/** A change of membership as the registry's events tell it; `expiry` in unix seconds. */
export type MembershipChange =
  | (ChangeBase & {
      readonly kind: 'registered'
      readonly rateLimit: number
      readonly expiry: number
      readonly home: number
    })
  | (ChangeBase & { readonly kind: 'renewed'; readonly expiry: number })
  | (ChangeBase & { readonly kind: 'exited' })
  | (ChangeBase & { readonly kind: 'slashed'; readonly secret: bigint })

/** The ledger hash before the first change. */
export const EMPTY_LEDGER: Hex = `0x${'00'.repeat(32)}`

const KINDS = { registered: 1, renewed: 2, exited: 3, slashed: 4 } as const
const HASHED = parseAbiParameters(
  'bytes32 ledger, uint8 kind, uint32 index, uint256 idCommitment, address holder, uint16 rateLimit, uint40 expiry',
)

/**
 * The registry's rolling hash after `change`: keccak256(abi.encode(ledger, kind, index, idCommitment, holder,
 * rateLimit, expiry)), the last two as the member has them after the change.
 */
export function nextLedgerHash(
  ledger: Hex,
  change: Pick<MembershipChange, 'kind' | 'index' | 'idCommitment' | 'holder'>,
  member: { readonly rateLimit: number; readonly expiry: number },
): Hex {
  const { kind, index, idCommitment, holder } = change
  const lowerCase = holder.toLowerCase() as Address
  const { rateLimit, expiry } = member
  return keccak256(
    encodeAbiParameters(HASHED, [ledger, KINDS[kind], index, idCommitment, lowerCase, rateLimit, expiry]),
  )
}
