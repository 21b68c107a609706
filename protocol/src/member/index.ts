/** `/teahouse/member/1`: what nodes and clients say to each other about the members. Wire format: docs/wire/member.md. */
export { memberCalls, type Exchange, type MemberCalls, type MemberNetwork } from './calls.ts'
export { MemberError, type MemberErrorDetail } from './errors.ts'
export * from './limits.ts'
export {
  decodeBucket,
  decodeChanges,
  decodeRoots,
  encodeBucket,
  encodeChanges,
  encodeRoots,
  type BlockOfChanges,
  type BucketAt,
  type PageOfChanges,
} from './messages.ts'
