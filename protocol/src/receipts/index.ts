export { type Absence, type ArchiveTree, archiveTree, isAbsent, isPresent, type Presence } from './archive.ts'
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
export { type ContentTree, contentTree, isLeaf, LEAF_BYTES, leafCount, type LeafProof } from './content.ts'
export { ReceiptError, type ReceiptErrorDetail } from './errors.ts'
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
