import { TeahouseError } from '../errors.ts'

/** Why a proof, one of its parts, or an input to one was refused. */
export type ProofErrorDetail =
  | {
      readonly code: 'BAD_LENGTH'
      readonly field: string
      readonly length: number
      readonly expected: number
    }
  | { readonly code: 'OUT_OF_FIELD'; readonly field: string }
  | { readonly code: 'BAD_EPOCH' | 'BAD_TIMESTAMP'; readonly value: string }
  | { readonly code: 'BAD_ADDRESS'; readonly value: string }
  | { readonly code: 'ZERO_X' }
  | { readonly code: 'BAD_POINT'; readonly point: string; readonly reason: PointFault }
  | { readonly code: 'BAD_LIMIT'; readonly rateLimit: number }
  | { readonly code: 'OVER_LIMIT'; readonly messageId: number; readonly rateLimit: number }
  | { readonly code: 'BAD_PATH'; readonly reason: string }
  | { readonly code: 'SAME_SHARE' }
  | { readonly code: 'PROVING_FAILED' | 'PROVER_STOPPED' | 'ABORTED' }
  | { readonly code: 'BAD_SLOT' }
  | { readonly code: 'VERIFIER_STOPPED' }
  | { readonly code: 'BAD_VERIFYING_KEY'; readonly reason: string }
  | { readonly code: 'WRONG_KEY'; readonly expected: string; readonly actual: string }
  | {
      readonly code: 'BAD_ARTIFACT'
      readonly file: string
      readonly expected: string
      readonly actual: string
    }

/** What can be wrong with a curve point that came from outside. */
export type PointFault = 'infinity' | 'not canonical' | 'off curve' | 'off subgroup'

/** A proof or an input to one is unusable. For what came from a peer, all of these are grounds to reject. */
export class ProofError extends TeahouseError<ProofErrorDetail> {}

/** Why a change does not continue the membership ledger. */
export type LedgerErrorDetail =
  | {
      readonly code: 'HASH_MISMATCH'
      readonly index: number
      readonly expected: string
      readonly actual: string
    }
  | { readonly code: 'OUT_OF_ORDER'; readonly index: number; readonly expected: number }
  | { readonly code: 'UNKNOWN_MEMBER'; readonly index: number }
  | { readonly code: 'WRONG_MEMBER'; readonly index: number; readonly field: string }
  | { readonly code: 'BAD_STATE'; readonly index: number; readonly kind: string; readonly state: string }
  | { readonly code: 'BLOCK_BACKWARDS'; readonly number: bigint; readonly last: bigint }
  | { readonly code: 'OUT_OF_RANGE'; readonly field: string; readonly value: string }

/** The change was not applied and the ledger is as it was: the caller missed a change or was lied to. */
export class LedgerError extends TeahouseError<LedgerErrorDetail> {}
