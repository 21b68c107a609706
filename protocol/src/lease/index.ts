/** `/teahouse/lease/1`: ranges of message ids that are granted once. Wire format: docs/wire/lease.md. */
export {
  claimBytes,
  isSigned,
  signClaim,
  type LeaseClaim,
  type LeaseRange,
  type SignedRange,
} from './claim.ts'
export { LeaseWireError } from './errors.ts'
export * from './limits.ts'
export {
  decodeLeaseAnswer,
  decodeLeaseRequest,
  encodeLeaseAnswer,
  encodeLeaseRequest,
  type LeaseAnswer,
  type LeaseQuestion,
} from './messages.ts'
