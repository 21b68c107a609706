import { TeahouseError } from '../errors.ts'

export type MemberErrorDetail =
  /** The node said no; `status` is the protocol's own (docs/wire/member.md). */
  | { readonly code: 'REFUSED'; readonly status: number; readonly description: string }
  /** The answer does not say what was asked, or can't be. */
  | { readonly code: 'BAD_ANSWER'; readonly what: string }

/** A request of /teahouse/member/1 was not answered with what was asked for. */
export class MemberError extends TeahouseError<MemberErrorDetail> {}

export function badAnswer(what: string, cause?: unknown): MemberError {
  return new MemberError(`The answer can't be used: ${what}`, { code: 'BAD_ANSWER', what }, { cause })
}
