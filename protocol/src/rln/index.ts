export { ProofError, LedgerError } from './errors.ts'
export type { ProofErrorDetail, LedgerErrorDetail, PointFault } from './errors.ts'
export { FIELD } from './field.ts'
export { identityFromSecret, rateCommitment } from './identity.ts'
export type { Identity } from './identity.ts'
export { membershipTree, rootOfPath, TREE_DEPTH } from './tree.ts'
export type { MembershipTree, MerklePath } from './tree.ts'
export { BUCKET_DEPTH, cutBucket, openBucket } from './bucket.ts'
export type { Bucket, OpenBucket } from './bucket.ts'
export { bulkHashes, scalarHashes, wasmHashes } from './poseidon-bulk.ts'
export type { BulkHashes } from './poseidon-bulk.ts'
export { chainLedger, changeRecord, EMPTY_LEDGER, nextLedgerHash } from './ledger-change.ts'
export type { HomeChange, HomeEntry, MembershipChange } from './ledger-change.ts'
export type { HomeMembers } from './home-members.ts'
export {
  decodeQuotaProof,
  encodeQuotaProof,
  QUOTA_DAY_SECONDS,
  quotaDay,
  quotaExternalNullifier,
  quotaX,
} from './quota-proof.ts'
export type { QuotaProofFields } from './quota-proof.ts'
export { membershipLedger } from './ledger.ts'
export type { LedgerBlock, LedgerState, MembershipLedger, MembershipLedgerConfig, Slash } from './ledger.ts'
export type { Member, MemberState } from './ledger-members.ts'
export type { RootStatus } from './root-window.ts'
export { CHANGE_KINDS, readRecord, RECORD_BYTES } from './ledger-record.ts'
export type { LedgerRecord } from './ledger-record.ts'
export { RootsError, rootsTypedData, signRoots, verifyRoots } from './signed-roots.ts'
export type { MembershipRoots, SignedRoots } from './signed-roots.ts'
export { loadSnapshot, treeCheck } from './snapshot.ts'
export type { LoadedSnapshot, SnapshotExpectation, TreeCheck } from './snapshot.ts'
export {
  readSnapshot,
  readSnapshotHeader,
  SNAPSHOT_HEADER_BYTES,
  SnapshotError,
  snapshotHeader,
  snapshotSize,
  writeSnapshot,
} from './snapshot-format.ts'
export type { Snapshot, SnapshotErrorDetail, SnapshotHeader } from './snapshot-format.ts'
export { epochAt, epochBytes, externalNullifier, messageX, rlnIdentifier } from './epoch.ts'
export type { BoundMessage } from './epoch.ts'
export { madeBySecret, recoverSecret } from './shares.ts'
export type { Share } from './shares.ts'
export type { CompressedRlnProof, Groth16Proof, PublicSignals, RlnProof } from './proof.ts'
export { decodeProof, decodeRateLimitProof, encodeProof, encodeRateLimitProof } from './wire.ts'
export type { DecodedProof, RateLimitProofFields } from './wire.ts'
export { circuitInput, createProver } from './prover.ts'
export type { ProveOptions, Prover, ProverArtifacts, ProverInput, SlotInput } from './prover.ts'
export type { MadeProof, ProofPath, ProvingCounters } from './proving/core.ts'
export type { ProverPort } from './proving/port.ts'
export { remoteProver } from './proving/remote.ts'
export type { ProverWorker } from './proving/remote.ts'
export { serveProver } from './proving/serve.ts'
export { decodeSlot, encodeSlot, SLOT_BYTES, slotFinisher } from './proving/slot.ts'
export type { Slot, SlotFinisher } from './proving/slot.ts'
export { createVerifier } from './verifier.ts'
export type { Verifier } from './verifier.ts'
export { CLAIM_BYTES, packClaim } from './verify/claim.ts'
export type { Claim } from './verify/claim.ts'
export { VerificationKeyJson } from './verifying-key.ts'
export { CIRCUIT, readNetworkKey, verificationKeyId } from './network-key.ts'
export type { NetworkKey } from './network-key.ts'
