export { type Absence, type ArchiveTree, archiveTree, isAbsent, isPresent, type Presence } from './archive.ts'
export { archivePart, type ArchivePart, type JoinedParts, joinParts, PART_HASHES } from './archive-parts.ts'
export {
  type ArchiveHour,
  type ArchiveRoot,
  archiveRootDigest,
  archiveRootTypedData,
  type MessageReceipt,
  messageReceiptDigest,
  messageReceiptTypedData,
  recoverArchiveRootSigner,
  recoverMessageReceiptSigner,
  signArchiveRoot,
  signMessageReceipt,
} from './archive-statements.ts'
export { challengeBond } from './bond.ts'
export { type ContentTree, contentTree, isLeaf, LEAF_BYTES, leafCount, type LeafProof } from './content.ts'
export { ReceiptError, type ReceiptErrorDetail } from './errors.ts'
export {
  checkMessageReceipt,
  decodeMessageReceipt,
  encodeMessageReceipt,
  encodeReceiptRequest,
  hourOf,
  messageReceiptId,
  type ReceiptQuestion,
  type SignedMessageReceipt,
} from './message-receipt.ts'
export {
  checkRootAnswer,
  decodeRootAnswer,
  encodeRootAnswer,
  encodeRootRequest,
  MAX_ROOT_ANSWER_BYTES,
  MAX_ROOT_REQUEST_BYTES,
  ROOT_STATUS,
  type RootAnswer,
  type RootQuestion,
  type SignedArchiveRoot,
} from './root-answer.ts'
export {
  challengeTypedData,
  isPledgedTwice,
  noticeTypedData,
  receiptDigest,
  receiptId,
  receiptTypedData,
  recoverReceiptSigner,
  signReceipt,
  type StorageReceipt,
} from './storage-receipt.ts'
