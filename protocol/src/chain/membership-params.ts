import type { Hex } from 'viem'
import type { Contracts } from './contracts.ts'
import { chainError } from './errors.ts'

/** The immutables of a membership registry. Durations in seconds, amounts in the token's smallest unit. */
export interface MembershipParams {
  readonly epochSeconds: number
  /** How long a replaced root stays valid. */
  readonly rootWindow: number
  /** What one fee pays for. */
  readonly term: number
  readonly grace: number
  readonly exitDelay: number
  /** Blocks between a slasher's commitment and its reveal. */
  readonly commitMinBlocks: number
  readonly commitMaxAge: number
  readonly depositPerMessage: bigint
  readonly feePerMessage: bigint
  readonly rlnIdentifier: Hex
}

/** Reads all parameters of a membership registry. Throws ChainError. */
export async function readMembershipParams(registry: {
  readonly read: Contracts['MembershipRegistry']['read']
}): Promise<MembershipParams> {
  const { read } = registry
  try {
    return {
      epochSeconds: await read.epochSeconds(),
      rootWindow: await read.rootWindow(),
      term: await read.term(),
      grace: await read.grace(),
      exitDelay: await read.exitDelay(),
      commitMinBlocks: await read.commitMinBlocks(),
      commitMaxAge: await read.commitMaxAge(),
      depositPerMessage: await read.depositPerMessage(),
      feePerMessage: await read.feePerMessage(),
      rlnIdentifier: await read.rlnIdentifier(),
    }
  } catch (cause) {
    throw chainError(cause)
  }
}
