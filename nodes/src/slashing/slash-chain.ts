import { encodeAbiParameters, keccak256, type Address, type Hex } from 'viem'
import type { SlashCase } from './case-store.ts'

/** How a membership stands on chain for a slasher. */
export type Slashable = 'yes' | 'no'

/** A commitment as the registry keeps it. */
export interface CommitmentRecord {
  readonly blockNumber: bigint
  readonly timestamp: number
}

/** What the slasher does on chain. */
export interface SlashChain {
  readonly slasher: Address
  readonly minBlocks: bigint
  readonly maxAgeSeconds: number
  /** Whether the membership still holds a deposit that can be taken. */
  slashable(found: Pick<SlashCase, 'commitment' | 'holder'>): Promise<Slashable>
  /** Whether the deposit was gone already so many blocks ago that this is final. */
  isOver(found: Pick<SlashCase, 'commitment' | 'holder'>): Promise<boolean>
  /** The slasher's commitment if the registry has it. */
  commitmentOf(commitment: Hex): Promise<CommitmentRecord | undefined>
  commit(commitment: Hex): Promise<{ readonly blockNumber: bigint }>
  reveal(secret: bigint, holder: Address, salt: Hex): Promise<{ readonly hash: Hex }>
}

const COMMITTED = [
  { type: 'uint256' },
  { type: 'address' },
  { type: 'address' },
  { type: 'uint256' },
  { type: 'bytes32' },
] as const

/** The registry's commitment: keccak256(abi.encode(chain id, registry, slasher, secret, salt)). */
export function slashCommitment(input: {
  readonly chainId: number
  readonly registry: Address
  readonly slasher: Address
  readonly secret: bigint
  readonly salt: Hex
}): Hex {
  const { chainId, registry, slasher, secret, salt } = input
  return keccak256(encodeAbiParameters(COMMITTED, [BigInt(chainId), registry, slasher, secret, salt]))
}
