import { decodeEventLog, type Log } from 'viem'
import type { HomeChange, MembershipChange } from '../rln/ledger-change.ts'
import { abis } from './abis.ts'
import { ChainError } from './errors.ts'

/** The part of a log that decoding needs. */
export type RawLog = Pick<Log, 'data' | 'topics'>

/**
 * The membership change that a log of the MembershipRegistry tells, or undefined if it tells something else.
 * Throws ChainError BAD_LOG if the log is none of the registry's events.
 */
export function membershipChange(log: RawLog): MembershipChange | undefined {
  const event = membershipEvent(log)
  return event?.kind === 'homeSet' ? undefined : event
}

/** The same, and which home a member named. */
export function membershipEvent(log: RawLog): MembershipChange | HomeChange | undefined {
  const { eventName, args } = decode(log)
  switch (eventName) {
    case 'MemberRegistered': {
      const { index, idCommitment, holder, rateLimit, expiry, home, ledger } = args
      return { kind: 'registered', index, idCommitment, holder, rateLimit, expiry, home, ledger }
    }
    case 'MemberRenewed': {
      const { index, idCommitment, holder, expiry, ledger } = args
      return { kind: 'renewed', index, idCommitment, holder, expiry, ledger }
    }
    case 'MemberExited': {
      const { index, idCommitment, holder, ledger } = args
      return { kind: 'exited', index, idCommitment, holder, ledger }
    }
    case 'MemberSlashed': {
      const { index, idCommitment, holder, secret, ledger } = args
      return { kind: 'slashed', index, idCommitment, holder, secret, ledger }
    }
    case 'HomeSet': {
      const { idCommitment, holder, home, previous } = args
      return { kind: 'homeSet', idCommitment, holder, home, previous }
    }
    default:
      return undefined
  }
}

function decode({ data, topics }: RawLog) {
  try {
    return decodeEventLog({
      abi: abis.MembershipRegistry,
      data,
      topics,
      strict: true,
    })
  } catch (cause) {
    const detail = { code: 'BAD_LOG', event: 'MembershipRegistry' } as const
    throw new ChainError('This log is no event of the membership registry', detail, { cause })
  }
}
